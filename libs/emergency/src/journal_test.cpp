// A journal that is whole is believed; one with any byte changed, any line gone or any end cut off is not.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>

#include <tenure/base/clock.hpp>
#include <tenure/base/file.hpp>
#include <tenure/emergency/journal.hpp>

namespace tenure::emergency {
namespace {

const Time kNow = Time::parse("2026-11-20").value();

evidence::SigningKey key(std::uint8_t seed = 1) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(seed);
  return evidence::SigningKey::create("tenure-kit/K-1", bytes).value();
}

class Journals : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/tenure-journal-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ + "/journal";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write_three() const {
    auto journal = Journal::open(path_, "K-1", key(), kNow);
    ASSERT_TRUE(journal) << journal.error().to_string();
    ASSERT_TRUE(journal->add(EntryKind::kIntent, {{"act", "disable"}, {"account", "kcole"}}, kNow));
    ASSERT_TRUE(journal->add(EntryKind::kOutcome, {{"intent", 2}, {"ending", "done"}}, kNow));
  }
  std::string text() const { return read_file(path_).value_or(""); }
  std::string head() const { return read_file(head_path(path_)).value_or(""); }
  static Result<ReadJournal> verify(const std::string& journal, const std::string& head) {
    return verify_journal(journal, head, key().verifier(), "K-1");
  }
  void put(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

  std::string folder_, path_;
};

TEST_F(Journals, AreReadBack) {
  write_three();
  const auto read = verify(text(), head());
  ASSERT_TRUE(read) << read.error().to_string();
  ASSERT_EQ(read->entries.size(), 3U);
  EXPECT_EQ(read->entries[1].kind, EntryKind::kIntent);
  EXPECT_EQ(read->entries[1].body.at("account"), json::Value("kcole"));
  EXPECT_EQ(read->entries[1].at, kNow);
  auto again = Journal::open(path_, "K-1", key(), kNow);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->add(EntryKind::kBegin, {}, kNow), 4);
}

TEST_F(Journals, AThousandDamagesAreFoundAndLocated) {
  write_three();
  const std::string whole = text(), its_head = head();
  Random random(20261120);
  for (int i = 0; i < 1000; ++i) {
    std::string bytes = whole, last = its_head;
    std::string& chosen = random.chance(1, 5) ? last : bytes;
    const std::size_t at = random.below(chosen.size());
    switch (random.below(3)) {
      case 0:
        chosen[at] = static_cast<char>(static_cast<unsigned char>(chosen[at]) ^ (1U << random.below(8)));
        break;
      case 1:
        chosen.erase(at, 1 + random.below(chosen.size() - at));
        break;
      default:
        chosen.insert(at, 1, static_cast<char>(random.below(256)));
        if (chosen == whole || chosen == its_head) continue;
    }
    const auto read = verify(bytes, last);
    ASSERT_FALSE(read) << "damage " << i << " at " << at;
    EXPECT_TRUE(read.error().reason() == Reason::kJournalBroken || read.error().reason() == Reason::kJournalForeign);
    EXPECT_TRUE(read.error().message().find("line ") != std::string::npos ||
                read.error().message().find("head") != std::string::npos);
  }
}

TEST_F(Journals, LinesThatAreGoneAreMissed) {
  write_three();
  const std::string whole = text();
  const std::size_t second = whole.find('\n') + 1, third = whole.find('\n', second) + 1;
  EXPECT_FALSE(verify(whole.substr(0, third), head())) << "the last one";
  EXPECT_FALSE(verify(whole.substr(0, second) + whole.substr(third), head())) << "one in the middle";
  EXPECT_FALSE(verify(whole.substr(second), head())) << "the first one";
  EXPECT_FALSE(verify("", head()));
  EXPECT_FALSE(verify(whole, ""));
}

TEST_F(Journals, AnOldHeadDoesNotVouchForMoreThanACrashLeaves) {
  write_three();
  const std::string old_head = head();
  {
    auto journal = Journal::open(path_, "K-1", key(), kNow);
    ASSERT_TRUE(journal->add(EntryKind::kIntent, {}, kNow));
  }
  EXPECT_TRUE(verify(text(), old_head)) << "a crash between a line and its head";
  {
    auto journal = Journal::open(path_, "K-1", key(), kNow);
    ASSERT_TRUE(journal->add(EntryKind::kOutcome, {}, kNow));
  }
  EXPECT_FALSE(verify(text(), old_head));
}

TEST_F(Journals, ATornEndIsNoFaultAndIsCutOff) {
  write_three();
  const std::string whole = text();
  put(whole + R"({"at":"2026-)");
  const auto read = verify(text(), head());
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->torn);
  auto journal = Journal::open(path_, "K-1", key(), kNow);
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->add(EntryKind::kBegin, {}, kNow));
  EXPECT_TRUE(verify(text(), head()));
}

TEST_F(Journals, OfAnotherKitOrKeyAreForeign) {
  write_three();
  EXPECT_EQ(verify_journal(text(), head(), key().verifier(), "K-2").error().reason(), Reason::kJournalForeign);
  EXPECT_EQ(verify_journal(text(), head(), key(2).verifier(), "K-1").error().reason(), Reason::kJournalBroken);
  EXPECT_FALSE(Journal::open(path_, "K-1", key(2), kNow));
}

TEST_F(Journals, BelongToOneProcess) {
  auto first = Journal::open(path_, "K-1", key(), kNow);
  ASSERT_TRUE(first);
  EXPECT_EQ(Journal::open(path_, "K-1", key(), kNow).error().reason(), Reason::kStoreLocked);
}

}  // namespace
}  // namespace tenure::emergency
