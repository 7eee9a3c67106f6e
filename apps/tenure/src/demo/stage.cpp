#include "demo/stage.hpp"

#include <cstdio>

namespace tenure::demo {

void Stage::step(const std::string& title) {
  if (wait_ && steps_ > 0) {
    output_.say("    (Enter to go on)");
    for (int c = std::getchar(); c != '\n' && c != EOF;) c = std::getchar();
  }
  output_.say("\n" + output_.bold(std::to_string(++steps_) + ". " + title));
}

void Stage::command(const std::string& line) const {
  output_.say("    $ tenure " + line);
}
void Stage::say(const std::string& line) const {
  output_.say("    " + line);
}

bool Stage::check(bool holds, const std::string& what) {
  ++checks_;
  if (holds) return true;
  failures_.push_back(what);
  output_.say("    " + output_.red("does not hold: ") + what);
  return false;
}

}  // namespace tenure::demo
