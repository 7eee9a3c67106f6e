#include <algorithm>

#include <tenure/base/diagnostic.hpp>

namespace tenure {

std::string Place::to_string() const {
  std::string text = file;
  if (line > 0) {
    text += ":" + std::to_string(line);
    if (column > 0) text += ":" + std::to_string(column);
  }
  return text;
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::kError) ++errors_;
  all_.push_back(std::move(diagnostic));
}

void Diagnostics::error(Reason reason, Place place, std::string summary, std::string expected, std::string remedy) {
  add({Severity::kError, reason, std::move(place), std::move(summary), std::move(expected), std::move(remedy)});
}

void Diagnostics::warning(Reason reason, Place place, std::string summary, std::string expected, std::string remedy) {
  add({Severity::kWarning, reason, std::move(place), std::move(summary), std::move(expected), std::move(remedy)});
}

void Diagnostics::append(const Diagnostics& other) {
  for (const auto& diagnostic : other.all_) add(diagnostic);
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  auto copy = all_;
  std::stable_sort(copy.begin(), copy.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.place < b.place; });
  return copy;
}

Error Diagnostics::to_error() const {
  for (const auto& diagnostic : sorted()) {
    if (diagnostic.severity != Severity::kError) continue;
    std::string text = diagnostic.place.to_string();
    if (!text.empty()) text += ": ";
    text += diagnostic.summary;
    if (errors_ > 1) text += " (and " + std::to_string(errors_ - 1) + " more)";
    return Error(diagnostic.reason, std::move(text));
  }
  return Error(Reason::kInternal, "to_error() without an error");
}

std::string render(const Diagnostic& diagnostic) {
  std::string text = diagnostic.place.to_string();
  if (!text.empty()) text += ": ";
  if (diagnostic.severity == Severity::kWarning) text += "warning: ";
  text += diagnostic.summary + " [" + reason_code(diagnostic.reason) + "]";
  if (!diagnostic.expected.empty()) text += "\n  expected: " + diagnostic.expected;
  const std::string remedy =
      diagnostic.remedy.empty() ? std::string(reason_info(diagnostic.reason).remedy) : diagnostic.remedy;
  text += "\n  remedy:   " + remedy;
  return text;
}

}  // namespace tenure
