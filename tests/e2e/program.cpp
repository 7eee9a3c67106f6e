#include "program.hpp"

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>

namespace tenure::e2e {

json::Value Ran::json() const {
  auto value = json::parse(out);
  EXPECT_TRUE(value) << "standard output is no JSON: " << both();
  return value ? std::move(*value) : json::Value();
}

std::vector<json::Value> Ran::said(const std::string& schema) const {
  std::vector<json::Value> documents;
  for (const auto& line : lines_of(err))
    if (auto value = json::parse(line); value && value->is_object() && value->string_or("schema", "") == schema)
      documents.push_back(std::move(*value));
  return documents;
}

Result<Running> Running::start(const Words& words, const Invocation& invocation) {
  TENURE_TRY(auto folder, lab::TempFolder::create("tenure-e2e"));
  lab::ProcessOptions options;
  options.argv = invocation.wrapper;
  options.argv.emplace_back(TENURE_PROGRAM);
  if (!invocation.state.empty()) options.argv.insert(options.argv.end(), {"--dir", invocation.state});
  if (!invocation.actor.empty()) options.argv.insert(options.argv.end(), {"--as", invocation.actor});
  options.argv.insert(options.argv.end(), words.begin(), words.end());
  options.environment = lab::plain_environment();
  options.environment.insert(options.environment.end(), invocation.environment.begin(), invocation.environment.end());
  options.folder = folder.path();
  options.log_path = folder.path() + "/err";
  options.output_path = folder.path() + "/out";
  TENURE_TRY(auto process, lab::Process::start(options));
  return Running(std::move(folder), std::move(process), invocation.within);
}

Ran Running::finish() {
  const auto status = process_.wait(within_);
  EXPECT_TRUE(status) << "the program did not end in time";
  if (!status) process_.kill();
  return {process_.exit_status().value_or(-1), read(folder_.path() + "/out"), read(folder_.path() + "/err")};
}

Ran run_program(const Words& words, const Invocation& invocation) {
  auto running = Running::start(words, invocation);
  EXPECT_TRUE(running) << running.error().to_string();
  return running ? running->finish() : Ran{};
}

std::vector<json::Value> items_of(const json::Value& document) {
  const auto* items = document.find("items");
  EXPECT_TRUE(items != nullptr && items->is_array()) << json::to_string(document);
  return items != nullptr && items->is_array() ? items->as_array() : json::Array{};
}

const json::Value* item_with(const std::vector<json::Value>& items, const std::string& member,
                             const std::string& text) {
  for (const auto& item : items)
    if (item.string_or(member, "") == text) return &item;
  return nullptr;
}

std::string read(const std::string& path) {
  auto content = read_file(path);
  EXPECT_TRUE(content) << path;
  return content ? std::move(*content) : std::string();
}

void write(const std::string& path, const std::string& content) {
  const auto written = write_file_atomic(path, content);
  EXPECT_TRUE(written) << path;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace tenure::e2e
