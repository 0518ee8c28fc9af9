/** A baked file, and the Programs in it. */

import type { Program } from "../../../syscalls/program.ts";
import { encodeContent } from "../../../syscalls/standalone.ts";
import type { Content } from "../../../syscalls/standalone.ts";
import type { Bytes } from "../../plan/bytes.ts";
import type { Facts } from "../../plan/facts.ts";
import { planInstance } from "../../plan/plan-instance.ts";
import type { Launch } from "../../plan/plan-instance.ts";
import { placeMemory } from "../image.ts";
import { encodeReady } from "../ready-made.ts";
import { findPlaces } from "./find-places.ts";
import type { Places } from "./find-places.ts";
import { IMAGE_ADDRESS, writePackedFile } from "./packed-file.ts";
import { planBaked } from "./plan-baked.ts";
import type { Recipe } from "./recipe.ts";

/** A baked file, and what it is unpacked to. */
export interface Baked {
  readonly bytes: Uint8Array;
  /** What makes the instance. */
  readonly launch: Launch;
  /** What is around it. */
  readonly frame: Program;
  readonly content: Content;
  /** Where in the content the records of each Program are. */
  readonly places: Places;
}

/** Makes the file; `note` says for people and `explain` what it was made of. */
export function makeBaked(recipe: Recipe, note: Uint8Array): Baked {
  // The front puts the environment together, and finds whose the instance is.
  const request = { ...recipe.request, environment: [] };
  const launch = planInstance(request, bakedFacts(recipe));
  const { ready, embedded } = encodeReady(launch, IMAGE_ADDRESS, "baked");
  const frame = planBaked(recipe, { ready, embedded });
  const memory = placeMemory(frame.program, embedded);
  const content = encodeContent(frame.program, memory, IMAGE_ADDRESS);
  const places = findPlaces({ launch, frame }, embedded);
  const bytes = writePackedFile(content, places, note);
  return { bytes, launch, frame: frame.program, content, places };
}

/** What the planner is told: nothing of a caller but ids that the request depends on. */
function bakedFacts({ owner, subordinate }: Recipe): Facts {
  return {
    mode: "rootless",
    caller: {
      anybody: true,
      ...(owner ?? { uid: 1, gid: 1 }),
      // The front leaves them at the beginning.
      commandIndex: 0,
      environment: [],
      variableAddress: () => 0,
      directory: "/caller's directory" as Bytes,
    },
    covered: null,
    spawned: false,
    subordinate,
  };
}
