/** In the variant no launch is ready-made: each is planned and encoded for itself. */

import type { playOrder as playWhole } from "../../../src/launch/play-order.ts";

export const playOrder: typeof playWhole = () => null;
