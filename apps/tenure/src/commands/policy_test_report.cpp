#include "commands/policy_test_report.hpp"

#include <algorithm>

namespace tenure::cli {
namespace {

// Text of an attribute or an element; control characters, which XML 1.0 cannot hold, become spaces.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string attribute(const std::string& name, const std::string& value) {
  return " " + name + "=\"" + escaped(value) + "\"";
}

std::string counts(const std::vector<policy::ExampleResult>& results, const std::string& suite) {
  std::size_t tests = 0, failures = 0;
  for (const auto& one : results) {
    if (!suite.empty() && one.suite != suite) continue;
    ++tests;
    failures += one.passed() ? 0 : 1;
  }
  return attribute("tests", std::to_string(tests)) + attribute("failures", std::to_string(failures)) +
         attribute("errors", "0");
}

std::string case_of(const policy::ExampleResult& result) {
  std::string text = "    <testcase" + attribute("classname", result.suite) + attribute("name", result.name) +
                     attribute("file", result.place.file) + attribute("line", std::to_string(result.place.line)) +
                     attribute("time", "0");
  if (result.passed()) return text + "/>\n";
  text += ">\n";
  for (const policy::ExampleFault& fault : result.faults)
    text += "      <failure" + attribute("message", fault.what) + ">" +
            escaped(result.place.to_string() + ": " + fault.what + "; expected: " + fault.expected +
                    (fault.remedy.empty() ? "" : "; " + fault.remedy)) +
            "</failure>\n";
  return text + "    </testcase>\n";
}

}  // namespace

std::string junit_of(const std::string& policy, const std::vector<policy::ExampleResult>& results) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", policy) +
                     counts(results, "") + ">\n";
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::string& suite = results[i].suite;
    if (i == 0 || results[i - 1].suite != suite)
      text += "  <testsuite" + attribute("name", suite) + counts(results, suite) + ">\n";
    text += case_of(results[i]);
    if (i + 1 == results.size() || results[i + 1].suite != suite) text += "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

}  // namespace tenure::cli
