/** What the builder refuses, and what it keeps of steps. */

import { describe, expect, test } from "bun:test";
import { ProgramBuilder } from "../../../syscalls/builder.ts";
import { loadField } from "../../../syscalls/control.ts";
import { STATX_BUFFER } from "../../../syscalls/structs.ts";

const builder = () => new ProgramBuilder();

describe("the builder refuses", () => {
  test("a step outside of every part", () => {
    const p = builder();
    expect(() => p.control("stop", [0])).toThrow(
      "a step stands outside of every part",
    );
    expect(() => p.enterContext()).toThrow(
      "a step stands outside of every part",
    );
    p.part("one", () => {});
    expect(() => p.control("stop", [0])).toThrow("outside of every part");
  });

  test("a call whose fault has nowhere to go, and lets one go on", () => {
    const p = builder();
    p.part("a test", () => {
      expect(() => p.call("getpid", [])).toThrow(
        "getpid has nowhere to fail to",
      );
      expect(() => p.fail(1, "this")).toThrow("a failure has nowhere to go");
      p.call("getpid", [], { failure: "continue" });
    });
    expect(p.finish().steps).toHaveLength(1);
  });

  test("a label that is placed twice", () => {
    const p = builder();
    const here = p.label("here");
    p.place(here);
    expect(() => p.place(here)).toThrow("label here is placed twice");
  });

  test.each(["target", "operand", "failure"])(
    "a label that is nowhere, as %s",
    (use) => {
      const p = builder();
      const lost = p.label("lost");
      p.part("a test", () => {
        if (use === "target") p.control("jumpEqual", [0, 0], { target: lost });
        else if (use === "operand") p.control("jump", [lost]);
        else p.call("getpid", [], { failure: lost });
      });
      expect(() => p.finish()).toThrow("label lost is nowhere");
    },
  );

  test("to read text as a number", () => {
    const p = builder();
    expect(() => loadField(p, p.slot("a"), [STATX_BUFFER, "atime"], 0)).toThrow(
      "atime is no number",
    );
  });
});

describe("the builder keeps", () => {
  test("one piece of data for equal texts, with its NUL and one byte a character", () => {
    const p = builder();
    const text = p.text("a\u00ff");
    expect(p.text("a\u00ff")).toBe(text);
    expect(p.text("a")).not.toBe(text);
    expect([...text.bytes]).toEqual([0x61, 0xff, 0]);
  });

  test("the inner part while it lasts, also where it throws", () => {
    const p = builder();
    p.part("outer", () => {
      p.control("stop", [0]);
      expect(() =>
        p.part("inner", () => {
          p.control("stop", [1]);
          throw new Error("no");
        }),
      ).toThrow("no");
      p.control("stop", [2]);
    });
    expect(p.finish().steps.map(({ part }) => part.action)).toEqual([
      "outer",
      "inner",
      "outer",
    ]);
  });

  test("the innermost place for faults, and the outer one behind it", () => {
    const p = builder();
    const [outer, inner] = [p.label("outer"), p.label("inner")];
    p.part("a test", () => {
      p.faultsTo(outer, () => {
        p.faultsTo(inner, () => p.call("getpid", []));
        p.call("getpid", []);
        p.call("getpid", [], { failure: inner });
        p.call("getpid", [], { failure: "continue" });
      });
      p.place(outer);
      p.place(inner);
    });
    const targets = p.finish().steps.map(({ target }) => target?.name ?? null);
    expect(targets).toEqual(["inner", "outer", "inner", null]);
  });

  test("a subject, and a given or new slot for a result", () => {
    const p = builder();
    const end = p.label("end");
    p.part("a test", () =>
      p.faultsTo(end, () => {
        const given = p.slot("given");
        expect(p.call("getpid", [], { result: given })).toBe(given);
        expect(
          p.call("getpid", [], { result: "new", subject: '"/a"' }).name,
        ).toBe("new");
        p.place(end);
      }),
    );
    const { steps } = p.finish();
    expect(steps.map(({ subject }) => subject)).toEqual([null, '"/a"']);
    expect(steps.map(({ result }) => result?.name)).toEqual(["given", "new"]);
  });
});
