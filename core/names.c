#include "core/names.h"

#include "base/text.h"

int dbk_name_index(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (name && dbk_same(names[i], name))
            return i;
    return count;
}
