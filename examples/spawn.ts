/** A command beside the program: streams both ways, killed at the end of the block. */

import { spawn } from "selfdock";

await using calculator = await spawn(
  ["sh", "-c", "while read -r a b; do echo $((a * b)); done"],
  { stdin: "pipe", net: "none" },
);

const questions = calculator.stdin.getWriter();

const asking = async (): Promise<void> => {
  for (const factor of [1, 2, 3]) await questions.write(`6 ${factor}\n`);
  await questions.close();
};

const asked = asking();
const decoder = new TextDecoder();
for await (const answer of calculator.stdout)
  console.log(decoder.decode(answer, { stream: true }).trimEnd());
await asked;
console.log(await calculator.exited);
