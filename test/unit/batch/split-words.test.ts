/** Lines of a batch: the words of a shell, without what only a shell can do. */

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseCommand } from "../../../src/plan/batch/parse-command.ts";
import { saysNothing } from "../../../src/plan/batch/says-nothing.ts";
import { splitWords } from "../../../src/plan/batch/split-words.ts";
import { b } from "../plan/samples.ts";

describe("words", () => {
  test.each([
    ["true", ["true"]],
    ["  a \t b  ", ["a", "b"]],
    [`'a b' "c d" e\\ f`, ["a b", "c d", "e f"]],
    [`a'b'"c"d`, ["abcd"]],
    [`'' "" x`, ["", "", "x"]],
    [`"\\"\\\\\\$\\\`\\n"`, ['"\\$`\\n']],
    [`'\\'`, ["\\"]],
    [`a#b "#" '#'`, ["a#b", "#", "#"]],
    [`'$HOME' "a|b" \\$x \\;`, ["$HOME", "a|b", "$x", ";"]],
    [`*.c ~ [a] {b,c} !x %s`, ["*.c", "~", "[a]", "{b,c}", "!x", "%s"]],
    ["a\\\nb 'c\nd' \"e\\\nf\"", ["ab", "c\nd", "ef"]],
    ["\xff\xfe'\xe9'", ["\xff\xfe\xe9"]],
    ["\\\n a", ["a"]],
    ["a # it's; b", ["a"]],
    ["# 'x\na #y\n#z\nb", ["a", "b"]],
  ])("%j", (line, words) => {
    expect(splitWords(b(line))).toEqual(words.map(b));
  });

  test.each([
    ["", "it is empty"],
    [" \t ", "it is empty"],
    ["'a", "a quote is not closed"],
    [`"a\\"`, "a quote is not closed"],
    ["a \\", "it ends with a backslash"],
    ["# x", "it is empty"],
    ["a | b", "there is an unquoted | in it"],
    ["a; b", "there is an unquoted ; in it"],
    ["a >b", "there is an unquoted > in it"],
    ["a & b", "there is an unquoted & in it"],
    ["$(a)", "there is an unquoted $ in it"],
    ['"$A"', "there is an unquoted $ in it"],
    ['"`a`"', "there is an unquoted ` in it"],
    ["(a)", "there is an unquoted ( in it"],
  ])("%j is refused", (line, wrong) => {
    const result = splitWords(b(line));
    expect("wrong" in result && result.wrong).toStartWith(wrong);
  });

  test("whatever is quoted comes back as it was", () => {
    const word = fc
      .array(fc.integer({ min: 1, max: 255 }), { maxLength: 20 })
      .map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const line = words
          .map((each) => `'${each.replaceAll("'", `'\\''`)}'`)
          .join(" ");
        expect(splitWords(b(line))).toEqual(words.map(b));
      }),
    );
  });

  test("a line takes time that grows with its length alone", () => {
    const begin = performance.now();
    for (const part of ["a", " a", "''", "\\a", '"a"', "a'b'"])
      splitWords(b(part.repeat(500_000)));
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe("lines for readers", () => {
  test.each([
    ["", "lines", true],
    [" \t", "lines", true],
    ["# a 'b", "lines", true],
    ["  #", "lines", true],
    ["a #", "lines", false],
    ["''", "lines", false],
    ["\\", "lines", false],
    ["\r", "lines", false],
    ["\n# a\n\t\n", "null", true],
    ["# a\nb", "null", false],
    [" \r", "json", true],
    ["# a", "json", false],
  ] as const)("%j of %s: %p", (line, format, nothing) => {
    expect(saysNothing(b(line), format)).toBe(nothing);
  });

  test("take time that grows with their length alone", () => {
    const begin = performance.now();
    for (const part of [" ", "#", "\n", " \n", "# \n"])
      saysNothing(b(`${part.repeat(500_000)}\na`), "null");
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe("JSON", () => {
  const rest = { environment: [], workingDirectory: null, stdin: null };
  const parse = (line: string) =>
    parseCommand(b(Buffer.from(line, "utf8").toString("latin1")), "json");

  test("has the command, its variables, directory and input", () => {
    const plain = { argv: [b("a"), b("b c")], ...rest };
    expect(parse('{"argv":["a","b c"]}')).toEqual(plain);
    const without = '"env":null,"cwd":null,"stdin":null';
    expect(parse(`{"argv":["a","b c"],${without}}`)).toEqual(plain);
    const whole =
      '{"argv":["é"],"env":{"A":"1","B":null},"cwd":"x","stdin":"/y"}';
    expect(parse(whole)).toEqual({
      argv: [b("\xc3\xa9")],
      environment: [
        { kind: "set", name: b("A"), value: b("1") },
        { kind: "unset", name: b("B") },
      ],
      workingDirectory: b("x"),
      stdin: b("/y"),
    });
  });

  test.each([
    ["", "it is no JSON"],
    ["{", "it is no JSON"],
    ["[]", "it is no JSON object"],
    ["null", "it is no JSON object"],
    ['{"argv":["a"],"Env":{}}', 'it has a key "Env"'],
    ["{}", "argv must be"],
    ['{"argv":[]}', "argv must be"],
    ['{"argv":[""]}', "argv must be"],
    ['{"argv":["a",1]}', "argv must be"],
    ['{"argv":["a"],"env":[]}', "env must be"],
    ['{"argv":["a"],"env":{"A=B":"x"}}', "env must be"],
    ['{"argv":["a"],"env":{"":"x"}}', "env must be"],
    ['{"argv":["a"],"env":{"A":1}}', "env must be"],
    ['{"argv":["a"],"cwd":""}', "cwd must be"],
    ['{"argv":["a"],"stdin":7}', "stdin must be"],
    ['{"argv":["a\\u0000"]}', "there is a NUL in it"],
    ['{"argv":["a"],"env":{"A\\u0000":"x"}}', "there is a NUL in it"],
    ['{"argv":["a"],"stdin":"\\u0000"}', "there is a NUL in it"],
    ['{"argv":["\\ud83d"]}', "there is half a surrogate pair in it"],
    ['{"argv":["a"],"env":{"\\udc00":"x"}}', "there is half a surrogate pair"],
  ])("%j is refused", (line, wrong) => {
    const result = parse(line);
    expect("wrong" in result && result.wrong).toStartWith(wrong);
  });

  test("bytes that are no UTF-8 are refused, not replaced", () => {
    const result = parseCommand(b('{"argv":["\xff"]}'), "json");
    expect("wrong" in result && result.wrong).toBe("it is no JSON");
  });
});
