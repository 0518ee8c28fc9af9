/**
 * What the tables of mounts call the source of an instance's /dev. Where only
 * root could have mounted, it tells that selfdock did: see plan-permission.ts.
 */
export const MOUNT_MARK = "selfdock";
