/**
 * The options as every start needs them: without help and examples, from a text
 * that is parsed in a fraction of the time that the table takes to be built.
 */

import type { BriefOption } from "./options.table.ts";
import { writeBrief } from "./write-brief.ts" with { type: "macro" };

export const BRIEF = JSON.parse(writeBrief()) as readonly BriefOption[];
