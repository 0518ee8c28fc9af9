/** How an instance is started, whatever its root: apart from the commands' table, since every start reads it. */
export const LAUNCH_USAGE =
  "selfdock [OPTIONS] run|build [OPTIONS] COMMAND [ARG...]";
