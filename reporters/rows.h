/*
 * Rows of settings that several kinds have, alike in each: for the table of a
 * kind whose settings, a struct `of`, have a member of the same name.
 */
#pragma once

#include "conf/zone.h"
#include "reporters/fill.h"
#include "reporters/words.h"

#define ROW_NAME(of) \
	{ \
		.key = "name", CONF_STRING(of, name), \
		.help = "What it is called here, in `report_to` and in " \
			"`curlew status`.", \
	}
/** As `timeout_ms`. */
#define ROW_TIMEOUT(of) \
	{ \
		.key = "timeout", CONF_DURATION(of, timeout_ms, 100, 300000), \
		.fallback = "10s", .help = "How long to wait for the answer.", \
	}
#define ROW_LANGUAGE(of) \
	{ \
		.key = "language", CONF_CHOICE(of, language, words_languages), \
		.fallback = "en", \
		.help = "In which language it is told: English, Korean or " \
			"Chinese; titles of `messages` and what a server " \
			"says stay as they are.", \
	}
#define ROW_TIME_ZONE(of) \
	{ \
		.key = "time_zone", CONF_STRING(of, time_zone), \
		.fallback = "UTC", .shape = &conf_zone_shape, \
		.help = "By which clocks times are told: UTC, how far they " \
			"are ahead of it (such as '+09:00'), or those of a " \
			"place (such as Asia/Seoul), as they stand there at " \
			"the time that is told.", \
	}
#define ROW_TEMPLATE(of) \
	{ \
		.key = "template", \
		CONF_SECTION( \
			of, template, fill_section, struct fill_template), \
		.help = "Title and text of a message in words of your own, " \
			"instead of the usual ones.", \
	}
