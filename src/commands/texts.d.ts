/** Files that the bundler puts in as texts. */

declare module "*/LICENSE" {
  const text: string;
  export default text;
}

declare module "*.md" {
  const text: string;
  export default text;
}
