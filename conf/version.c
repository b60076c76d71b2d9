#include "conf/version.h"

#include <yaml.h>

const char *
conf_library_version(void)
{
	return yaml_get_version_string();
}
