#include "core/store_sqlite_sql.h"

/* Quotes and the money ledger. */

static const char *text_at(sqlite3_stmt *statement, int at, struct dbk_arena *arena)
{
    return dbk_arena_copy(arena, (const char *)sqlite3_column_text(statement, at),
                          (size_t)sqlite3_column_bytes(statement, at));
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

bool dbk_sqlite_next_quote(void *self, int64_t *row)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_NEXT_QUOTE];
    bool is_good = sqlite3_step(statement) == SQLITE_ROW;

    if (is_good)
        *row = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return is_good;
}

bool dbk_sqlite_put_quote(void *self, const struct dbk_quote *quote)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_PUT_QUOTE];

    sqlite3_bind_int64(statement, 1, quote->row);
    bind_text(statement, 2, quote->id);
    bind_text(statement, 3, quote->partner);
    bind_text(statement, 4, quote->product);
    bind_text(statement, 5, quote->slot);
    sqlite3_bind_int64(statement, 6, quote->units);
    sqlite3_bind_int64(statement, 7, quote->price);
    bind_text(statement, 8, quote->currency);
    sqlite3_bind_int64(statement, 9, quote->expires_ms);
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE;
}

enum dbk_found dbk_sqlite_quote(void *self, const char *id, struct dbk_arena *arena,
                                struct dbk_quote *quote)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_QUOTE];

    bind_text(statement, 1, id);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *quote = (struct dbk_quote){
            .row = sqlite3_column_int64(statement, 0),
            .id = text_at(statement, 1, arena),
            .partner = text_at(statement, 2, arena),
            .product = text_at(statement, 3, arena),
            .slot = text_at(statement, 4, arena),
            .units = sqlite3_column_int64(statement, 5),
            .price = sqlite3_column_int64(statement, 6),
            .currency = text_at(statement, 7, arena),
            .expires_ms = sqlite3_column_int64(statement, 8),
        };
    sqlite3_reset(statement);
    return code == SQLITE_ROW ? DBK_FOUND : code == SQLITE_DONE ? DBK_NOT_FOUND : DBK_STORE_FAILED;
}

bool dbk_sqlite_append_money(void *self, const struct dbk_money *entry, bool *is_new)
{
    struct dbk_sqlite *sqlite = self;
    sqlite3_stmt *statement = sqlite->prepared[SQL_APPEND_MONEY];

    sqlite3_bind_int64(statement, 1, entry->booking);
    bind_text(statement, 2, entry->key);
    sqlite3_bind_int64(statement, 3, entry->at_ms);
    bind_text(statement, 4, dbk_money_name(entry->kind));
    sqlite3_bind_int64(statement, 5, entry->amount);
    bind_text(statement, 6, entry->currency);
    bool is_good = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_reset(statement);
    *is_new = is_good && sqlite3_changes(sqlite->database) > 0;
    return is_good;
}

bool dbk_sqlite_list_money(void *self, int64_t booking, struct dbk_arena *arena,
                           struct dbk_money **entries, size_t *count)
{
    sqlite3_stmt *statement = ((struct dbk_sqlite *)self)->prepared[SQL_LIST_MONEY];
    size_t room = 0;
    int code = SQLITE_DONE;
    bool is_good = true;

    *entries = NULL;
    *count = 0;
    sqlite3_bind_int64(statement, 1, booking);
    while (is_good && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (*count == room) {
            struct dbk_money *more = dbk_arena_alloc(arena, (room + 4) * 2 * sizeof(*more));
            for (size_t i = 0; i < *count; i++)
                more[i] = (*entries)[i];
            room = (room + 4) * 2;
            *entries = more;
        }
        struct dbk_money *entry = &(*entries)[(*count)++];
        *entry = (struct dbk_money){
            .booking = booking,
            .key = text_at(statement, 1, arena),
            .at_ms = sqlite3_column_int64(statement, 2),
            .kind = dbk_money_by_name((const char *)sqlite3_column_text(statement, 3)),
            .amount = sqlite3_column_int64(statement, 4),
            .currency = text_at(statement, 5, arena),
        };
        is_good = entry->kind < DBK_MONEY_KINDS;
    }
    sqlite3_reset(statement);
    return code == SQLITE_DONE && is_good;
}
