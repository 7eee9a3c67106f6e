#include <gtest/gtest.h>

#include <tenure/base/hash.hpp>
#include <tenure/evidence/checkpoint.hpp>
#include <tenure/evidence/note.hpp>
#include <tenure/evidence/proof.hpp>

namespace tenure::evidence {
namespace {

constexpr const char* kName = "evidence.example/kat";
constexpr const char* kVkey = "evidence.example/kat+899a67b2+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
constexpr const char* kWitnessVkey = "witness.example/kat+0d9e8d7f+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
constexpr const char* kText = "evidence.example/kat\n7\no+I7Msy2v5bQktFl2KpUbgmCnejwOw6JV1gdHha5K98=\n";
constexpr const char* kLine =
    "\xE2\x80\x94 evidence.example/kat "
    "iZpnsrDkHZY/D7oU9qiDNKJKLTZR82vAgTY6C6L612iMBkK+F5PeVFGZoiJgVXkjFFiDiPmN334Tuxx/Z7cvXdyctQM=\n";
constexpr const char* kWitnessLine =
    "\xE2\x80\x94 witness.example/kat "
    "DZ6NfwAAAABq/42A6qrlROftLWHPBCcwJwpwdKUHaJgVuP7RYFYOYdUE8XH/DzGpKM11ZXk83ZR9QVr2iFgRNeJ2ppW87FQYwzRdDQ==\n";

SigningKey key_of(std::uint8_t seed, std::string name, KeyType type = KeyType::kEd25519) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(seed);
  return SigningKey::create(std::move(name), bytes, type).value();
}

std::string kat() {
  return std::string(kText) + "\n" + kLine;
}

TEST(Keys, KnownAnswers) {
  EXPECT_EQ(key_of(1, kName).verifier().to_string(), kVkey);
  EXPECT_EQ(VerifierKey::parse(kVkey).value(), key_of(1, kName).verifier());
  EXPECT_EQ(key_of(2, "witness.example/kat", KeyType::kCosignature).verifier().to_string(), kWitnessVkey);
}

TEST(Keys, MalformedTextIsRefused) {
  for (const char* text : {"", "a", "a+b", "evidence.example/kat+899a67b2+",
                           "evidence.example/kat+899a67b3+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
                           "evidence.example/other+899a67b2+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
                           "evidence.example/kat+899A67B2+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
                           "evidence.example/kat+899a67b2+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D2",
                           "evidence.example/kat+899a67b2+BoqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
                           " +899a67b2+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
                           "+899a67b2+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"})
    EXPECT_EQ(VerifierKey::parse(text).error().reason(), Reason::kKeyUnreadable) << text;
  std::array<std::uint8_t, 32> seed{};
  EXPECT_FALSE(SigningKey::create("with space", seed));
  EXPECT_FALSE(SigningKey::create("with+plus", seed));
  EXPECT_FALSE(SigningKey::create("", seed));
}

TEST(Checkpoints, KnownAnswer) {
  const Checkpoint checkpoint = parse_checkpoint_text(kText).value();
  EXPECT_EQ(checkpoint.size, 7U);
  EXPECT_EQ(sign_checkpoint(checkpoint, key_of(1, kName)), kat());
  EXPECT_EQ(open_checkpoint(kat(), VerifierKey::parse(kVkey).value()).value(), checkpoint);
}

TEST(Checkpoints, CosignatureKnownAnswer) {
  const Time time = Time::from_micros(1'795'132'800'000'000);
  Note note{
      kText,
      {key_of(1, kName).sign(kText), key_of(2, "witness.example/kat", KeyType::kCosignature).cosign(kText, time)}};
  EXPECT_EQ(to_string(note), kat() + kWitnessLine);
  const VerifierKey known[] = {VerifierKey::parse(kVkey).value(), VerifierKey::parse(kWitnessVkey).value()};
  const auto opened = open_checkpoint(kat() + kWitnessLine, known).value();
  ASSERT_EQ(opened.verified.size(), 2U);
  EXPECT_EQ(opened.verified[1].cosigned_at, time);
  EXPECT_FALSE(opened.verified[0].cosigned_at);
  // A witness alone is not the log.
  EXPECT_EQ(open_checkpoint(std::string(kText) + "\n" + kWitnessLine, known).error().reason(),
            Reason::kCheckpointInvalid);
}

TEST(Checkpoints, SeveralKeysDuringARotation) {
  const SigningKey first = key_of(1, kName), second = key_of(3, kName);
  const SigningKey* const both[] = {&first, &second};
  const std::string bytes = sign_checkpoint(parse_checkpoint_text(kText).value(), both);
  EXPECT_TRUE(open_checkpoint(bytes, first.verifier()));
  EXPECT_TRUE(open_checkpoint(bytes, second.verifier()));
  EXPECT_FALSE(open_checkpoint(bytes, key_of(4, kName).verifier()));
}

TEST(Checkpoints, EveryFlippedBitIsRefused) {
  const VerifierKey key = VerifierKey::parse(kVkey).value();
  const std::string good = kat();
  for (std::size_t i = 0; i < good.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_FALSE(open_checkpoint(bad, key)) << i << "." << bit;
    }
  for (std::size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(open_checkpoint(good.substr(0, i), key)) << i;
}

TEST(Checkpoints, TextIsParsedStrictly) {
  const std::string root = "o+I7Msy2v5bQktFl2KpUbgmCnejwOw6JV1gdHha5K98=";
  EXPECT_TRUE(parse_checkpoint_text("o\n0\n" + root + "\n"));
  for (const std::string& text :
       {std::string(), "\n7\n" + root + "\n", "o\n07\n" + root + "\n", "o\n-7\n" + root + "\n", "o\n+7\n" + root + "\n",
        "o\n7\n" + root, "o\n7\n" + root + "\nextension\n", "o\n7\n" + root.substr(0, 40) + "\n", "o\n\n" + root + "\n",
        "o\n9223372036854775808\n" + root + "\n", "o\n7 \n" + root + "\n", "o\r\n7\n" + root + "\n7"})
    EXPECT_EQ(parse_checkpoint_text(text).error().reason(), Reason::kCheckpointInvalid) << text;
}

TEST(Notes, ParserRules) {
  const VerifierKey key = VerifierKey::parse(kVkey).value();
  const std::string text = kText, line = kLine;
  const auto opens = [&](const std::string& bytes) { return open_note(bytes, std::span(&key, 1)).has_value(); };
  const std::string stranger = "\xE2\x80\x94 other.example/log iZpnsrDkHZY/D7oU9qiDNKJKLTZR82s=\n";
  EXPECT_TRUE(opens(text + "\n" + line));
  EXPECT_TRUE(opens(text + "\n" + stranger + line));  // unknown lines are passed over
  EXPECT_TRUE(opens(text + "\n" + line + stranger));
  EXPECT_TRUE(opens(text + "\n" + line + line));  // twice is once
  std::string sixteen = text + "\n";
  for (int i = 0; i < 15; ++i) sixteen += stranger;
  EXPECT_TRUE(opens(sixteen + line));

  EXPECT_FALSE(opens(text + "\n" + stranger));  // nobody known
  EXPECT_FALSE(opens(text + line));             // no blank line
  EXPECT_FALSE(opens(text + "\n"));             // no signature
  EXPECT_FALSE(opens(text + "\n" + line.substr(0, line.size() - 1)));
  EXPECT_FALSE(opens(text + "\n" + line + "x\n"));  // not a signature line
  EXPECT_FALSE(opens(text + "\n" + line + "\n"));   // the last blank line has nothing after it
  EXPECT_FALSE(opens(text + "\n- evidence.example/kat" + line.substr(24)));
  EXPECT_FALSE(opens("\t" + text + "\n" + line));
  EXPECT_FALSE(opens("\xFF" + text + "\n" + line));
  EXPECT_FALSE(opens(text + "\n" + "\xE2\x80\x94 a+b iZpnsrDkHZY=\n" + line));
  EXPECT_FALSE(opens(text + "\n" + "\xE2\x80\x94 ab iZpnsg==\n" + line));  // a key id and no signature
  // A line of a known key that fails rejects all, even beside a good one.
  std::string wrong = line;
  wrong[wrong.size() - 20] = wrong[wrong.size() - 20] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(opens(text + "\n" + line + wrong));
  // A blank line in the text belongs to the text: the last one splits.
  EXPECT_EQ(parse_note("a\n\nb\n\n" + stranger).value().text, "a\n\nb\n");
  std::string many = text + "\n";
  for (int i = 0; i < 101; ++i) many += stranger;
  EXPECT_FALSE(parse_note(many));
}

std::vector<std::string> numbers(std::uint64_t n) {
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i < n; ++i) out.push_back(std::to_string(i));
  return out;
}

TEST(Proofs, RoundTripAndVerify) {
  const auto publication = plan_publication(Edge(), numbers(700)).value();
  const FileReader files = [&](const std::string& path) -> Result<std::string> {
    for (const auto& file : publication.files)
      if (file.path == path) return file.bytes;
    return fail(Reason::kEvidenceNotFound, path);
  };
  const SigningKey key = key_of(1, kName);
  const Checkpoint checkpoint{kName, 700, publication.root};
  const std::string bytes = sign_checkpoint(checkpoint, key);
  for (const std::uint64_t index : {0, 255, 256, 511, 512, 699}) {
    auto proof = make_proof(index, bytes, checkpoint, files).value();
    proof.extra = index == 256 ? "openings" : "";
    EXPECT_EQ(parse_proof(to_string(proof)).value(), proof);
    EXPECT_TRUE(verify_proof(proof, std::to_string(index), std::span(&key.verifier(), 1)));
    EXPECT_EQ(verify_proof(proof, "x", std::span(&key.verifier(), 1)).error().reason(), Reason::kProofInvalid);
    proof.index ^= 1;
    EXPECT_EQ(verify_proof(proof, std::to_string(index), std::span(&key.verifier(), 1)).error().reason(),
              Reason::kProofInvalid);
  }
}

TEST(Proofs, MalformedTextIsRefused) {
  const std::string hash = "o+I7Msy2v5bQktFl2KpUbgmCnejwOw6JV1gdHha5K98=\n", first = "c2sp.org/tlog-proof@v1\n";
  EXPECT_TRUE(parse_proof(first + "index 0\n\n" + kat()));
  EXPECT_TRUE(parse_proof(first + "extra AA==\nindex 3\n" + hash + "\n" + kat()));
  for (const std::string& text :
       {std::string(), first, first + "index 0\n", first + "index 0\n\n", "index 0\n\n" + kat(),
        first + "index 00\n\n" + kat(), first + "index -1\n\n" + kat(), first + "extra \nindex 0\n\n" + kat(),
        first + "extra A\nindex 0\n\n" + kat(), first + "index 0\nAA==\n\n" + kat(),
        first + "index 0\n" + hash + hash.substr(0, 10), "c2sp.org/tlog-proof@v2\nindex 0\n\n" + kat(),
        first + "index 0\nextra AA==\n\n" + kat()})
    EXPECT_EQ(parse_proof(text).error().reason(), Reason::kProofInvalid) << text;
}

}  // namespace
}  // namespace tenure::evidence
