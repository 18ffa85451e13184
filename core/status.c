#include "core/status.h"

#include "base/memory.h"
#include "core/names.h"

static const char *const status_names[DBK_STATUSES] = {
    [DBK_STATUS_RECEIVED] = "received",   [DBK_STATUS_PENDING] = "pending",
    [DBK_STATUS_CONFIRMED] = "confirmed", [DBK_STATUS_CANCELLED] = "cancelled",
    [DBK_STATUS_REJECTED] = "rejected",   [DBK_STATUS_EXPIRED] = "expired",
};

static const char *const sync_names[DBK_SYNCS] = {
    [DBK_SYNC_UNSENT] = "unsent",     [DBK_SYNC_IN_FLIGHT] = "in_flight",
    [DBK_SYNC_IN_DOUBT] = "in_doubt", [DBK_SYNC_WAITING] = "waiting",
    [DBK_SYNC_AGREED] = "agreed",     [DBK_SYNC_DISAGREED] = "disagreed",
    [DBK_SYNC_OPERATOR] = "operator",
};

/* The whole model. What is not listed here does not happen: rejected, expired and cancelled are
 * final, and what is found at the partner afterwards is compensated, not adopted. */
static const struct {
    enum dbk_status from, to;
} moves[] = {
    {DBK_STATUS_RECEIVED, DBK_STATUS_PENDING},    {DBK_STATUS_RECEIVED, DBK_STATUS_REJECTED},
    {DBK_STATUS_RECEIVED, DBK_STATUS_CANCELLED},  {DBK_STATUS_RECEIVED, DBK_STATUS_EXPIRED},
    {DBK_STATUS_PENDING, DBK_STATUS_CONFIRMED},   {DBK_STATUS_PENDING, DBK_STATUS_REJECTED},
    {DBK_STATUS_PENDING, DBK_STATUS_EXPIRED},     {DBK_STATUS_PENDING, DBK_STATUS_CANCELLED},
    {DBK_STATUS_CONFIRMED, DBK_STATUS_CANCELLED},
};

const char *dbk_status_name(enum dbk_status status)
{
    return status_names[status];
}

enum dbk_status dbk_status_by_name(const char *name)
{
    return (enum dbk_status)dbk_name_index(status_names, DBK_STATUSES, name);
}

const char *dbk_sync_name(enum dbk_sync sync)
{
    return sync_names[sync];
}

enum dbk_sync dbk_sync_by_name(const char *name)
{
    return (enum dbk_sync)dbk_name_index(sync_names, DBK_SYNCS, name);
}

bool dbk_status_may_move(enum dbk_status from, enum dbk_status to)
{
    for (size_t i = 0; i < DBK_COUNT(moves); i++)
        if (moves[i].from == from && moves[i].to == to)
            return true;
    return false;
}

/* Recursion ends because the table has no circle. */
enum dbk_status dbk_status_towards(enum dbk_status from, enum dbk_status to)
{
    if (dbk_status_may_move(from, to))
        return to;
    for (size_t i = 0; i < DBK_COUNT(moves); i++)
        if (moves[i].from == from && dbk_status_reaches(moves[i].to, to))
            return moves[i].to;
    return from;
}

bool dbk_status_reaches(enum dbk_status from, enum dbk_status to)
{
    return dbk_status_towards(from, to) != from;
}

bool dbk_status_is_final(enum dbk_status status)
{
    for (size_t i = 0; i < DBK_COUNT(moves); i++)
        if (moves[i].from == status)
            return false;
    return true;
}
