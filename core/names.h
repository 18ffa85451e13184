/* names: where a word stands in a table of words. Next: status.c, policy.c. */
#ifndef DBK_CORE_NAMES_H
#define DBK_CORE_NAMES_H

/* The index of name among count names, or count; a NULL name is never found. */
int dbk_name_index(const char *const *names, int count, const char *name);

#endif
