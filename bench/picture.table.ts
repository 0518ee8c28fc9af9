/** What is typed in the picture of README. A test runs each line. */
export const PICTURE: readonly string[] = [
  "selfdock run sh -c 'id -u; ps; df -h /'",
  "selfdock run touch ~/file",
  "selfdock -v . . run make",
  "selfdock --hide ~/.ssh run cat ~/.ssh/id",
  "time for i in {1..100}; do selfdock run true; done",
];
