// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tpmvsc {

/// Levels as pcscd has them. What an administrator must see by default has to be `error`.
enum class LogLevel { debug, info, error, critical };

/// LogSink receives whole lines. No secret and no command data is ever passed to it.
using LogSink = void (*)(LogLevel level, const char* line);

/// set_log_sink directs the log: to pcscd's log_msg in the driver, to standard error in the tool.
/// Before it is called lines are dropped.
void set_log_sink(LogSink sink);

/// log writes one line.
void log(LogLevel level, const std::string& line);

} // namespace tpmvsc
