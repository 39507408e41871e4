/** What may be shown of a url that may carry a password. */
export function maskUrl(text: string): string {
  // What cannot be taken apart may have its password anywhere.
  if (!(/^[a-z]+:\/\//i.test(text) && URL.canParse(text.replace("@/", "@socket/")))) return "***"
  return text
    .replace(/^([a-z]+:\/\/[^:@/?#]*):.*@/i, "$1:***@")
    .replace(/([?&](?:ssl)?password=)[^&#]*/gi, "$1***")
}
