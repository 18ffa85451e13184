/* store_sqlite: the store port on SQLite.
 *
 * Files are opened with WAL and synchronous=FULL (the default journal mode may lose an
 * acknowledged commit on power loss). SQL never asks for time or random values, every SELECT
 * has a total ORDER BY. Next: store_sqlite_open.c, store_sqlite.c.
 */
#ifndef DBK_CORE_STORE_SQLITE_H
#define DBK_CORE_STORE_SQLITE_H

#include "core/store.h"

/* Gives a store (dbk_store_free) on a database file, or ":memory:"; NULL with why: another
 * program's database is left as it is. */
DBK_CHECKED struct dbk_store *dbk_store_sqlite_open(const char *path, char why[static 160]);

/* The same for a look at an existing file, also while a core works on it: nothing is written, not
 * even a checkpoint; the write verbs fail. */
DBK_CHECKED struct dbk_store *dbk_store_sqlite_inspect(const char *path, char why[static 160]);

#endif
