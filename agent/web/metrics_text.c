#include "agent/web/metrics_text.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/histogram.h"
#include "agent/base/mem.h"
#include "agent/base/utf8.h"

enum {
	NUMBER_SIZE = 32,
};

/* In microseconds: from what is no delay at all to what is a breakdown. */
static const int64_t bounds_us[] = { 100, 250, 500, 1000, 2500, 5000, 10000,
	25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
	10000000 };

/* The format knows three escapes; in HELP, the quote stands for itself. */
static void
add_escaped(struct buf *out, const char *text, const char *special)
{
	while (*text != '\0') {
		size_t plain = strcspn(text, special);
		buf_add(out, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		buf_add_char(out, '\\');
		buf_add(out, *text == '\n' ? "n" : text, 1);
		text++;
	}
}

void
web_metrics_family(
	struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s ", name);
	add_escaped(out, help, "\\\n");
	buf_printf(out, "\n# TYPE %s %s\n", name, type);
}

struct web_metrics_sample
web_metrics_sample(struct buf *out, const char *name)
{
	struct web_metrics_sample sample = { .out = out, .start = out->len };
	out->full = false;
	buf_add_text(out, name);
	return sample;
}

static void
add_value(struct buf *out, const char *value)
{
	size_t len = strlen(value);
	if (utf8_is_valid(value, len)) {
		add_escaped(out, value, "\\\"\n");
		return;
	}
	struct buf mended;
	buf_init(&mended, len * UTF8_MENDED_FACTOR + 1);
	utf8_mend(value, len, &mended);
	add_escaped(out, mended.data, "\\\"\n");
	buf_finish(&mended);
}

void
web_metrics_label(
	struct web_metrics_sample *sample, const char *name, const char *value)
{
	struct buf *out = sample->out;
	buf_add_char(out, sample->has_labels ? ',' : '{');
	sample->has_labels = true;
	buf_add_text(out, name);
	buf_add_text(out, "=\"");
	add_value(out, value);
	buf_add_char(out, '"');
}

static void
end_sample(const struct web_metrics_sample *sample, const char *number)
{
	struct buf *out = sample->out;
	if (sample->has_labels)
		buf_add_char(out, '}');
	buf_add_char(out, ' ');
	buf_add_text(out, number);
	buf_add_char(out, '\n');
	if (!out->full)
		return;
	out->len = sample->start;
	out->data[out->len] = '\0';
	out->full = false;
}

void
web_metrics_put(const struct web_metrics_sample *sample, uint64_t value)
{
	char number[NUMBER_SIZE];
	snprintf(number, sizeof(number), "%llu", (unsigned long long)value);
	end_sample(sample, number);
}

/* Exactly, and the same in any locale; without zeros at its end. */
static void
write_seconds(int64_t value, int64_t per_second, char text[static NUMBER_SIZE])
{
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t part = size % (uint64_t)per_second;
	int len = snprintf(text, NUMBER_SIZE, "%s%llu.%0*llu",
		value < 0 ? "-" : "",
		(unsigned long long)(size / (uint64_t)per_second),
		per_second == 1000 ? 3 : 6, (unsigned long long)part);
	while (text[len - 1] == '0')
		text[--len] = '\0';
	if (text[len - 1] == '.')
		text[--len] = '\0';
}

void
web_metrics_put_us(const struct web_metrics_sample *sample, int64_t us)
{
	char number[NUMBER_SIZE];
	write_seconds(us, 1000000, number);
	end_sample(sample, number);
}

void
web_metrics_put_ms(const struct web_metrics_sample *sample, int64_t ms)
{
	char number[NUMBER_SIZE];
	write_seconds(ms, 1000, number);
	end_sample(sample, number);
}

static struct web_metrics_sample
part_of_histogram(struct buf *out, const char *name, const char *part,
	const char *label, const char *value)
{
	struct web_metrics_sample sample = web_metrics_sample(out, name);
	buf_add_text(out, part);
	if (label)
		web_metrics_label(&sample, label, value);
	return sample;
}

void
web_metrics_histogram(struct buf *out, const char *name, const char *label,
	const char *value, const struct histogram *histogram)
{
	struct web_metrics_sample sample;
	for (size_t i = 0; i < sizeof(bounds_us) / sizeof(bounds_us[0]); i++) {
		char bound[NUMBER_SIZE];
		write_seconds(bounds_us[i], 1000000, bound);
		sample = part_of_histogram(out, name, "_bucket", label, value);
		web_metrics_label(&sample, "le", bound);
		web_metrics_put(
			&sample, histogram_count_to(histogram, bounds_us[i]));
	}
	sample = part_of_histogram(out, name, "_bucket", label, value);
	web_metrics_label(&sample, "le", "+Inf");
	web_metrics_put(&sample, histogram_count(histogram));
	sample = part_of_histogram(out, name, "_sum", label, value);
	web_metrics_put_us(&sample, (int64_t)histogram_sum(histogram));
	sample = part_of_histogram(out, name, "_count", label, value);
	web_metrics_put(&sample, histogram_count(histogram));
}
