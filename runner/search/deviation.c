#include "runner/search/deviation.h"

#include "base/memory.h"

#include <stdlib.h>

void dbk_trace_add(struct dbk_trace *trace, const struct dbk_asked *asked)
{
    if (trace->count == trace->capacity) {
        trace->capacity = trace->capacity ? 2 * trace->capacity : 128;
        trace->items = dbk_resize(trace->items, trace->capacity * sizeof *trace->items);
    }
    trace->items[trace->count++] = *asked;
}

void dbk_trace_reset(struct dbk_trace *trace)
{
    free(trace->items);
    *trace = (struct dbk_trace){0};
}
