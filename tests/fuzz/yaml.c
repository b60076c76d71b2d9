/* A config.yml: whatever it is, it is taken or complained of. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/fuzz_types.h"

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	size_t *errors = cookie;
	assert(*message != '\0' && !strchr(message, '\n'));
	*errors += severity == CONF_ERROR;
}

static void
check_endpoint(const struct conf_endpoint *endpoint)
{
	const struct event_titles *titles = &endpoint->titles;
	assert(*endpoint->name != '\0');
	assert(endpoint->frequency_ms > 0);
	assert(endpoint->allowed_fails >= 0 && endpoint->recover_after > 0);
	assert(*titles->outage != '\0' && *titles->performance != '\0'
		&& *titles->operational != '\0');
	assert(endpoint->probe.variant && endpoint->probe.settings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t errors = 0;
	struct conf *conf = conf_load(
		fuzz_file(data, size), fuzz_types(), on_complaint, &errors);
	assert((conf != NULL) == (errors == 0));
	for (size_t i = 0; conf && i < conf->endpoints.count; i++)
		check_endpoint(
			(const struct conf_endpoint *)conf->endpoints.items
			+ i);
	conf_free(conf);
	return 0;
}
