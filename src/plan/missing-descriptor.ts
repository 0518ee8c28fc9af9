/** What is said of a descriptor that the caller has not handed over. */

export function missingDescriptor(
  action: "keep" | "read",
  descriptor: number,
): { readonly message: string; readonly hint: string } {
  return {
    message: `Cannot ${action} descriptor ${descriptor}: it is not open`,
    hint: `the shell opens one with, for example, ${descriptor}<FILE`,
  };
}
