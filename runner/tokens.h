/* tokens: who may ask the core what, where it is reached by more than this machine.
 *
 * A file of lines "role token"; empty lines and lines that begin with # are passed over. Roles:
 * traveller, support, partner; a role may have several tokens, so that one can be replaced. A
 * token has 16 to 256 characters of RFC 6750. The file must not be readable by everybody. Kept is
 * only a digest of each token, and every request is compared with all of them in constant time.
 * Next: tokens.c (the table of paths), core_http.h.
 */
#ifndef DBK_RUNNER_TOKENS_H
#define DBK_RUNNER_TOKENS_H

#include "base/complaint.h"
#include "base/message.h"

struct dbk_tokens; /* opaque */

/* Gives the tokens (dbk_tokens_free), or NULL with complaints, which never quote a token. */
DBK_CHECKED struct dbk_tokens *dbk_tokens_load(const char *path, struct dbk_complaints *complaints);
void dbk_tokens_free(struct dbk_tokens *tokens); /* NULL is fine */

/* 0: the request may pass. 401: it has no "Authorization: Bearer TOKEN" with a known token.
 * 403: the token's role may not ask this. */
int dbk_tokens_judge(const struct dbk_tokens *tokens, const struct dbk_message *request);

#endif
