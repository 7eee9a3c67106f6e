// A run as people and scripts see it; pure.
#pragma once

#include "cli/command.hpp"

#include <string>

#include <tenure/app/run_story.hpp>

namespace tenure::cli {

// Folded to the most urgent steps for people, unless `full`; what is not shown is counted.
Document run_document(const app::RunStory& story, Time now, bool people, bool full);
// What a step waits for: "" = for nothing.
std::string waits_for(const app::RunStory& story, const app::RunStep& step, Time now);
// How a run that has ended ended: ok, failed (failed or drift), partly (stale or cancelled).
Exit exit_of_ended(const engine::RunRow& run);

// The command `run watch`.
Exit watch_run(const Call& call);

}  // namespace tenure::cli
