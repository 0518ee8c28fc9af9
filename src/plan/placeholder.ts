/** Words that are not known yet when a Program is planned, in what it says of itself. */

export const PLACEHOLDER = {
  rootfs: "{rootfs}",
  source: "{source}",
  target: "{target}",
  directory: "{directory}",
  hostname: "{hostname}",
  limit: "{limit}",
  descriptor: "{descriptor}",
  command: "{command}",
} as const;
