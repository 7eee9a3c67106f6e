// Consent names content: nothing that takes access away, or touches more than one person, is applied because somebody
// said yes in general. There is no --yes.
#pragma once

#include "cli/command.hpp"

#include <tenure/app/plans.hpp>

namespace tenure::cli {

bool needs_consent(const plan::Plan& plan);
// Whether what was typed at the question, or given with --approve, names this plan.
bool names_whole(const Digest& digest, const std::string& given);
bool names_brief(const Digest& digest, const std::string& typed);

// Given: --approve with the whole digest, or the short digest typed on a terminal after the counts were shown. Else
// kApprovalMissing, and nothing was done.
Status ask_consent(const Call& call, const app::StoredPlan& stored);

}  // namespace tenure::cli
