#include "base/time.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define INSTANT_MAX INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */
#define DURATION_MAX (3653 * DAY_MS)         /* ten years */

/* Both ways between a day of the Gregorian calendar and the days since 1970-01-01, for years
 * from 1970. Years are counted from March, so that a leap day is the last of its year. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t march_year = month > 2 ? year : year - 1;
    int64_t march_month = (month + 9) % 12;
    int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;

    return 365 * march_year + march_year / 4 - march_year / 100 + march_year / 400 + day_of_year -
           719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    int64_t since_march_0 = days + 719468;
    int64_t era = since_march_0 / 146097;
    int64_t day_of_era = since_march_0 % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;

    *day = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = 400 * era + year_of_era + (*month <= 2);
}

static int64_t days_in(int64_t year, int64_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Reads count digits and the byte behind them (0: none asked for) and moves on. */
static bool read_field(const char **at, int count, char then, int64_t *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (!is_digit(**at))
            return false;
        *value = 10 * *value + (**at - '0');
    }
    if (then == '\0')
        return true;
    return *(*at)++ == then;
}

/* ".250": up to nine digits; what is smaller than a millisecond is cut off. */
static bool read_fraction(const char **at, int64_t *ms)
{
    int64_t worth = 100;
    int count = 0;

    *ms = 0;
    if (**at != '.')
        return true;
    for ((*at)++; is_digit(**at); (*at)++, count++, worth /= 10)
        *ms += worth * (**at - '0');
    return count >= 1 && count <= 9;
}

static bool read_offset(const char **at, int64_t *offset_minutes)
{
    int64_t sign = **at == '-' ? -1 : 1;
    int64_t hours, minutes;

    *offset_minutes = 0;
    if (**at == 'Z') {
        (*at)++;
        return true;
    }
    if (**at != '+' && **at != '-')
        return false;
    (*at)++;
    if (!read_field(at, 2, ':', &hours) || !read_field(at, 2, '\0', &minutes))
        return false;
    *offset_minutes = sign * (60 * hours + minutes);
    return hours <= 23 && minutes <= 59;
}

bool dbk_instant_parse(const char *text, int64_t *epoch_ms)
{
    int64_t year, month, day, hour, minute, second, ms, offset, instant;

    if (!read_field(&text, 4, '-', &year) || !read_field(&text, 2, '-', &month) ||
        !read_field(&text, 2, 'T', &day) || !read_field(&text, 2, ':', &hour) ||
        !read_field(&text, 2, ':', &minute) || !read_field(&text, 2, '\0', &second) ||
        !read_fraction(&text, &ms) || !read_offset(&text, &offset) || *text)
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    instant = ((days_of(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second;
    instant = 1000 * instant + ms;
    if (instant < 0 || instant > INSTANT_MAX)
        return false;
    *epoch_ms = instant;
    return true;
}

void dbk_instant_print(int64_t epoch_ms, char text[static DBK_INSTANT_TEXT])
{
    static const char shape[] = "0000-00-00T00:00:00.000Z";
    static const struct {
        int8_t last, digits;
    } places[] = {{3, 4}, {6, 2}, {9, 2}, {12, 2}, {15, 2}, {18, 2}, {22, 3}};
    int64_t fields[DBK_COUNT(places)];
    int64_t of_day = epoch_ms % DAY_MS;

    if (epoch_ms < 0 || epoch_ms > INSTANT_MAX) {
        memcpy(text, "unknown", sizeof("unknown"));
        return;
    }
    date_of(epoch_ms / DAY_MS, &fields[0], &fields[1], &fields[2]);
    fields[3] = of_day / 3600000;
    fields[4] = of_day / 60000 % 60;
    fields[5] = of_day / 1000 % 60;
    fields[6] = of_day % 1000;
    memcpy(text, shape, sizeof(shape));
    for (size_t i = 0; i < DBK_COUNT(places); i++)
        for (int digit = 0; digit < places[i].digits; digit++, fields[i] /= 10)
            text[places[i].last - digit] = (char)('0' + fields[i] % 10);
}

static const struct {
    const char *name;
    int64_t ms;
} units[] = {{"d", DAY_MS}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

/* The index of the unit that stands at the text, or the count of units. */
static size_t unit_at(const char *text, size_t *length)
{
    size_t unit = 0;

    *length = 0;
    while (*length < 3 && text[*length] >= 'a' && text[*length] <= 'z')
        (*length)++;
    while (unit < DBK_COUNT(units) &&
           (strlen(units[unit].name) != *length || strncmp(units[unit].name, text, *length) != 0))
        unit++;
    return unit;
}

bool dbk_duration_parse(const char *text, int64_t *ms)
{
    bool is_negative = *text == '-';
    int64_t sum = 0;
    size_t next_unit = 0;

    if (*text == '-' || *text == '+')
        text++;
    do {
        int64_t count = 0;
        size_t length, unit;

        if (!is_digit(*text))
            return false;
        for (; is_digit(*text) && count <= DURATION_MAX; text++)
            count = 10 * count + (*text - '0');
        unit = unit_at(text, &length);
        if (unit < next_unit || unit == DBK_COUNT(units) || count > DURATION_MAX / units[unit].ms)
            return false;
        sum += count * units[unit].ms;
        next_unit = unit + 1;
        text += length;
    } while (*text);
    if (sum > DURATION_MAX)
        return false;
    *ms = is_negative ? -sum : sum;
    return true;
}

void dbk_duration_print(int64_t ms, char text[static DBK_DURATION_TEXT])
{
    uint64_t rest = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    struct dbk_text out = {.bytes = text, .capacity = DBK_DURATION_TEXT};

    /* The longest, "-106751991167d7h12m55s807ms", fits: the text never grows. */
    if (ms < 0)
        dbk_text_add_char(&out, '-');
    if (ms == 0)
        dbk_text_add(&out, "0s");
    for (size_t i = 0; i < DBK_COUNT(units); i++) {
        uint64_t count = rest / (uint64_t)units[i].ms;

        rest %= (uint64_t)units[i].ms;
        if (count > 0) {
            dbk_text_add_integer(&out, (int64_t)count);
            dbk_text_add(&out, units[i].name);
        }
    }
}

/* Dates of HTTP. */

static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* of 1970 */
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void dbk_http_date_print(int64_t epoch_ms, char text[static DBK_HTTP_DATE_TEXT])
{
    char instant[DBK_INSTANT_TEXT];
    int month = 1;

    dbk_instant_print(epoch_ms, instant);
    month = 10 * (instant[5] - '0') + instant[6] - '0';
    snprintf(text, DBK_HTTP_DATE_TEXT, "%s, %.2s %s %.4s %.8s GMT", days[epoch_ms / 86400000 % 7],
             instant + 8, months[month - 1], instant, instant + 11);
}

/* Read by way of an instant, and held against what it would have been printed as: so a wrong day of
 * the week, or a 31st of June, is none. */
bool dbk_http_date_parse(const char *text, int64_t *epoch_ms)
{
    char instant[DBK_INSTANT_TEXT], again[DBK_HTTP_DATE_TEXT];
    int month = 0;
    int64_t parsed_ms = 0;

    if (!text || strlen(text) != DBK_HTTP_DATE_TEXT - 1)
        return false;
    while (month < 12 && memcmp(text + 8, months[month], 3) != 0)
        month++;
    if (month == 12)
        return false;
    snprintf(instant, sizeof(instant), "%.4s-%02d-%.2sT%.8sZ", text + 12, month + 1, text + 5,
             text + 17);
    if (!dbk_instant_parse(instant, &parsed_ms))
        return false;
    dbk_http_date_print(parsed_ms, again);
    if (strcmp(again, text) != 0)
        return false;
    *epoch_ms = parsed_ms;
    return true;
}
