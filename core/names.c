#include "core/names.h"

#include "base/text.h"

int dbk_name_index(const char *const *names, int count, const char *name)
{
    for (int i = 0; name && i < count; i++)
        if (dbk_same(names[i], name))
            return i;
    return count;
}
