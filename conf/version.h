/*
 * For `curlew version`.
 */
#pragma once

/** libyaml's, such as "0.2.5". */
const char *conf_library_version(void);
