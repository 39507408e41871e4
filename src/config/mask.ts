/** What may be shown of a url that may carry a password. */
export function maskUrl(text: string): string {
  // What cannot be taken apart may have its password anywhere.
  if (!(/^[a-z]+:\/\//i.test(text) && URL.canParse(firstHost(text).replace("@/", "@socket/")))) return "***"
  return text
    .replace(/^([a-z]+:\/\/[^:@/?#]*):.*@/i, "$1:***@")
    .replace(/([?&](?:ssl)?password=)[^&#]*/gi, "$1***")
}

/** Without the other hosts of a list, with which it would be no URL. A comma before the `@` may be the password's. */
function firstHost(text: string): string {
  return text.replace(/(?:,[^,@/?#]+)+(?=[/?#]|$)/, "")
}
