/**
 * Loaded before every test file. Instances are fast, but a test may run a
 * compiler or bootstrap a Debian; bunfig.toml has no key for the timeout.
 */

import { setDefaultTimeout } from "bun:test";

setDefaultTimeout(60_000);
