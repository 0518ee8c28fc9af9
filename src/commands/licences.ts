/** The licences that go with an installed copy; the bundler puts the texts in. */

import own from "../../LICENSE" with { type: "text" };
import others from "../../THIRD-PARTY.md" with { type: "text" };

export const LICENCES = `${others}\n# Mozilla Public License 2.0\n\n${own}`;
