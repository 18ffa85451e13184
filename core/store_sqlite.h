/* store_sqlite: the store port on SQLite.
 *
 * Files are opened with WAL and synchronous=FULL (the default journal mode may lose an
 * acknowledged commit on power loss). SQL never asks for time or random values, every SELECT
 * has a total ORDER BY. Next: store_sqlite.c.
 */
#ifndef DBK_CORE_STORE_SQLITE_H
#define DBK_CORE_STORE_SQLITE_H

#include "core/store.h"

/* Gives a store (dbk_store_free) on a database file, or ":memory:"; NULL with why. */
DBK_CHECKED struct dbk_store *dbk_store_sqlite_open(const char *path, char why[static 160]);

#endif
