/** --net: the host's, or loopback and nothing else. */

import { expect } from "bun:test";
import { forEachMode } from "../harness/modes.ts";
import { start } from "../harness/run.ts";
import { waitUntil } from "../harness/processes.ts";

const INTERFACES = `
import fcntl, socket, struct
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _, name in socket.if_nameindex():
    flags = struct.unpack("16xH", fcntl.ioctl(probe, 0x8913, struct.pack("16s16x", name.encode()))[:18])[0]
    print(name, "up" if flags & 1 else "down")
`;

const LOOPBACK = `
import socket
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    listener = socket.socket(family); listener.bind((address, 0)); listener.listen()
    client = socket.create_connection(listener.getsockname()[:2], 2)
    listener.accept()[0].sendall(b"through"); print(client.recv(7).decode())
`;

/** A listener of the host's: an abstract socket and a TCP port, both named in its output. */
const LISTEN = `
import socket, time
tcp = socket.socket(); tcp.bind(("127.0.0.1", 0)); tcp.listen()
name = "selfdock-test-%d" % tcp.getsockname()[1]
abstract = socket.socket(socket.AF_UNIX); abstract.bind("\\0" + name); abstract.listen()
print(tcp.getsockname()[1], flush=True); time.sleep(60)
`;

const connect = (port: string): string => `
import socket
for family, address in ((socket.AF_INET, ("127.0.0.1", ${port})), (socket.AF_UNIX, "\\0selfdock-test-${port}")):
    try: socket.socket(family).connect(address); print("reached")
    except OSError as error: print("refused")
`;

forEachMode((mode) => {
  mode.rule("--net none has loopback alone, up, and it works", async () => {
    expect(
      await mode.output(["--net", "none", "run", "python3", "-c", INTERFACES]),
    ).toBe("lo up\n");
    expect(
      await mode.output(["--net=none", "run", "python3", "-c", LOOPBACK]),
    ).toBe("through\nthrough\n");
  });

  mode.rule(
    "by default and with --net host the network is the host's",
    async () => {
      const outside = await start(["/usr/bin/python3", "-c", INTERFACES]).ended;
      expect(await mode.output(["run", "python3", "-c", INTERFACES])).toBe(
        outside.stdout,
      );
      expect(
        await mode.output([
          "--net",
          "host",
          "run",
          "python3",
          "-c",
          INTERFACES,
        ]),
      ).toBe(outside.stdout);
    },
  );

  mode.rule(
    "with --net none no port and no abstract socket of the host can be reached",
    async () => {
      const listener = start(["/usr/bin/python3", "-c", LISTEN]);
      await waitUntil("it listens", () => listener.stdout().includes("\n"));
      const port = listener.stdout().trim();
      expect(
        await mode.output([
          "--net",
          "none",
          "run",
          "python3",
          "-c",
          connect(port),
        ]),
      ).toBe("refused\nrefused\n");
      expect(await mode.output(["run", "python3", "-c", connect(port)])).toBe(
        "reached\nreached\n",
      );
    },
  );

  for (const value of ["", "nothing", "HOST", "bridge"]) {
    mode.rule(
      `--net ${JSON.stringify(value)} is refused, and the allowed values are named`,
      async () => {
        const result = await mode.run(["--net", value, "run", "echo", "ran"]);
        expect(result).toMatchObject({ status: 124, stdout: "" });
        expect(result.stderr).toMatch(/host/);
        expect(result.stderr).toMatch(/none/);
      },
    );
  }
});
