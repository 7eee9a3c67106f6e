// Looks on while another process carries out a run: reads committed states, takes no lock, changes nothing.
#include "commands/run_view.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"
#include "environment.hpp"

#include <poll.h>

#include <tenure/plan/grouping.hpp>

namespace tenure::cli {
namespace {

// What became of the steps since the last look, a line each; and how many had changed.
class Watched {
 public:
  explicit Watched(const Call& call) : call_(call) {}

  void look(const app::RunStory& story, Time now) {
    for (const auto& step : story.view.steps) {
      const std::string state(engine::name_of(step.change.state));
      std::string& known = states_[step.change.change.id.str()];
      if (known == state) continue;
      tell(story, step, known, now);
      known = state;
    }
  }

 private:
  void tell(const app::RunStory& story, const app::RunStep& step, const std::string& before, Time now) const {
    const auto& row = step.change;
    const std::string waits = waits_for(story, step, now);
    if (call_.output.format() == Format::kJsonl) {
      call_.output.print({"run-step/v1",
                          {{"run", row.run},
                           {"id", row.change.id.str()},
                           {"target", row.change.target.str()},
                           {"text", plan::describe(row.change)},
                           {"before", before},
                           {"state", engine::name_of(row.state)},
                           {"tries", row.attempts},
                           {"waits", waits},
                           {"problem", row.problem}}});
      return;
    }
    if (!call_.output.people()) return;  // one document at the end
    Document line{"run-step/v1"};
    line.text = now.to_rfc3339().substr(11, 8) + "  " + row.change.target.str() + "  " +
                printable(plan::describe(row.change)) + "  " + (before.empty() ? "" : before + " -> ") +
                std::string(engine::name_of(row.state)) + (waits.empty() ? "" : "  (" + waits + ")") +
                (row.problem.empty() ? "" : "  ! " + printable(row.problem));
    call_.output.print(line);
  }

  const Call& call_;
  std::map<std::string, std::string> states_;
};

Result<Exit> watch(const Call& call) {
  Diagnostics diagnostics;
  auto opened = app::Workspace::open_reader(program_environment(), call.global.folder, app::Actor{call.global.actor},
                                            diagnostics);
  if (!opened) {
    call.output.diagnostics(diagnostics);
    return fail(opened.error());
  }
  app::Workspace& workspace = **opened;
  TENURE_TRY(const Duration every, duration_argument(call, "every", Duration::millis(500)));
  TENURE_TRY(const Duration wait, duration_argument(call, "wait", Duration::days(3650)));
  install_stop_signals();
  const Duration begun = workspace.clock().monotonic();
  std::string id = call.arguments.text("RUN");
  Watched watched(call);
  while (true) {
    TENURE_TRY(const auto story, app::tell_run(workspace, id));
    id = story.view.run.id;  // the newest is the same one from now on
    const Time now = workspace.clock().now();
    watched.look(story, now);
    const bool ended = story.view.run.ended_at != Time{};
    const bool over = workspace.clock().monotonic() - begun >= wait;
    const Exit exit = ended                     ? exit_of_ended(story.view.run)
                      : stop_requested().load() ? Exit::kInterrupted
                                                : Exit::kTimedOut;
    if (ended || over || stop_requested().load()) {
      call.output.print(run_document(story, now, call.output.people(), false), exit);
      return exit;
    }
    ::poll(nullptr, 0, static_cast<int>(std::max<std::int64_t>(10, every.to_micros() / 1000)));  // ended by a signal
  }
}

}  // namespace

Exit watch_run(const Call& call) {
  return report(call, watch(call));
}

}  // namespace tenure::cli
