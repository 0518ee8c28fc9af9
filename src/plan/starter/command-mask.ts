/**
 * The command's signal mask, which the starter sets last: eight bytes of its
 * file, written by the launch, so that the starter is the same for everybody.
 */

import { WORD_ADDRESS, WORD_OFFSET } from "../../../syscalls/elf-writer.ts";
import { shown } from "../../../syscalls/program.ts";

/** Its place in the file. */
export const COMMAND_MASK_OFFSET = WORD_OFFSET;

/** Its address in the starter. */
export const COMMAND_MASK = shown(WORD_ADDRESS, "&command's signal mask");
