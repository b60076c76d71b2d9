#include "tests/conf/farm.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/str.h"

static char path[] = "/tmp/conf-XXXXXX";

static void
write_file(const void *bytes, size_t len)
{
	FILE *file = fopen(path, "w");
	assert(file);
	fwrite(bytes, 1, len, file);
	fclose(file);
}

static const struct conf_field apple_fields[] = {
	{ "name", CONF_STRING(struct apple, name), .flags = CONF_REQUIRED },
	{ "ripe", CONF_DURATION(struct apple, ripe_ms, 1, 60000),
		.fallback = "30s" },
	{ "secret", CONF_STRING(struct apple, secret), .flags = CONF_SECRET },
	{ 0 },
};

static const struct conf_variant apple = {
	.name = "apple",
	.section = { .name = "apple",
		.size = sizeof(struct apple),
		.fields = apple_fields },
};

static const struct conf_field fig_fields[] = {
	{ "ripe", CONF_DURATION(struct fig, ripe_ms, 1000, 3600000),
		.flags = CONF_REQUIRED },
	{ 0 },
};

const struct conf_variant farm_fig = {
	.name = "fig",
	.section = { .name = "fig",
		.size = sizeof(struct fig),
		.fields = fig_fields },
};

static const struct conf_field cellar_fields[] = {
	{ "depth", CONF_INT(struct cellar, depth, 1, 9), .flags = CONF_SECRET },
	{ 0 },
};

static const struct conf_variant cellar = {
	.name = "cellar",
	.section = { .name = "cellar",
		.size = sizeof(struct cellar),
		.fields = cellar_fields },
	.own_section = true,
};

static const struct conf_field tree_fields[] = {
	{ "name", CONF_STRING(struct tree, name) },
	{ "age", "years", CONF_INT(struct tree, age, 0, 500), .fallback = "1",
		.flags = CONF_OF_OLD },
	{ 0 },
};

static const struct conf_field fruit_field = { "type",
	CONF_VARIANT(struct tree, fruit, CONF_PROBES), .variant = "pear" };

static const struct conf_section tree_section = {
	.name = "tree",
	.size = sizeof(struct tree),
	.fields = tree_fields,
	.of_old = true,
	.inlined = &fruit_field,
};

static void
check_pear(const void *section, struct conf_reader *reader)
{
	const struct pear *settings = section;
	if (settings->sweet && settings->weight > 100)
		conf_reject(reader, "weight", "must be light to be sweet");
	const struct conf_node *raw = conf_raw(reader);
	for (size_t i = 0; i < raw->count; i++)
		if (str_eq(raw->keys[i], "x-rotten"))
			conf_warn(reader, "x-rotten", "is smelly");
}

static const struct conf_field pear_fields[] = {
	{ "sweet", CONF_BOOL(struct pear, sweet), .fallback = "yes" },
	{ "weight", CONF_NUMBER(struct pear, weight, 0, 1000),
		.fallback = "50.5" },
	{ 0 },
};

const struct conf_variant farm_pear = {
	.name = "pear",
	.section = { .name = "pear",
		.size = sizeof(struct pear),
		.fields = pear_fields,
		.check = check_pear },
};

static const struct conf_choice colours[] = {
	{ "red", 7 },
	{ "green", 8 },
	{ NULL, 0 },
};

static const struct conf_field barn_fields[] = {
	{ "colour", CONF_CHOICE(struct barn, colour, colours),
		.fallback = "green" },
	{ 0 },
};

static const struct conf_section barn_section = {
	.name = "barn",
	.size = sizeof(struct barn),
	.fields = barn_fields,
};

static void
check_farm(const void *section, struct conf_reader *reader)
{
	const struct farm *farm = section;
	const char *const *hands = farm->hands.items;
	for (size_t i = 0; i < farm->hands.count; i++)
		if (str_eq(hands[i], "fox"))
			conf_reject_item(
				reader, "hands", i, NULL, "a fox is no help");
}

static const struct conf_field farm_fields[] = {
	{ "barn", CONF_SECTION(struct farm, barn, barn_section, struct barn) },
	{ "trees", CONF_LIST(struct farm, trees, tree_section) },
	{ "basket", CONF_VARIANTS(struct farm, basket, CONF_REPORTERS) },
	{ "cellar", CONF_VARIANT(struct farm, cellar, CONF_REPORTERS),
		.fixed = "cellar" },
	{ "colours", CONF_CHOICES(struct farm, colours, colours) },
	{ "hands", CONF_STRINGS(struct farm, hands) },
	{ "prices", CONF_PAIRS(struct farm, prices) },
	{ "notes", CONF_TREE(struct farm, notes) },
	{ "deed", CONF_SOURCE(struct farm, deed) },
	{ 0 },
};

static const struct conf_section farm_section = {
	.name = "farm",
	.size = sizeof(struct farm),
	.fields = farm_fields,
	.check = check_farm,
};

static const struct conf_variant *const probes[] = { &farm_fig, &farm_pear,
	NULL };
static const struct conf_variant *const reporters[] = { &apple, &cellar, NULL };
static const struct conf_types types = { .families = { probes, reporters } };

char farm_said[16384];

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	(void)cookie;
	size_t len = strlen(farm_said);
	if (str_starts(message, path))
		message += strlen(path) + 1;
	snprintf(farm_said + len, sizeof(farm_said) - len, "%s%s\n",
		severity == CONF_WARNING ? "~ " : "", message);
}

const struct farm *
farm_read_bytes(const void *bytes, size_t len, struct arena *arena)
{
	farm_said[0] = '\0';
	write_file(bytes, len);
	return conf_read(
		path, &farm_section, &types, arena, on_complaint, NULL);
}

const struct farm *
farm_read(const char *text, struct arena *arena)
{
	return farm_read_bytes(text, strlen(text), arena);
}

int
farm_open(void **unused)
{
	(void)unused;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

int
farm_close(void **unused)
{
	(void)unused;
	return unlink(path);
}
