#include <stddef.h>

#include "probes/http.h"
#include "probes/probe.h"

const struct probe_type *const probe_types[] = {
	&http_probe,
	NULL,
};
