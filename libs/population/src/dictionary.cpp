#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <tenure/population/dictionary.hpp>

namespace tenure::population {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kChunkMin = 4096, kChunkMax = std::size_t{1} << 20;
constexpr unsigned kOffsetBits = 20;
constexpr std::size_t kChunksMax = std::size_t{1} << 12, kSlotsMin = 16;

std::uint64_t load8(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return word;
}
std::uint64_t load4(const char* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, 4);
  return word;
}

__extension__ using Wide = unsigned __int128;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

constexpr std::uint64_t kSalt[4] = {0xa0761d6478bd642f, 0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3, 0x589965cc75374cc3};

// Multiply and fold, 16 bytes a step; the tail is read again from the end, so that no byte beyond the text is touched.
// Equal texts give equal hashes on every run: codes depend on the order of texts only, and nothing is seeded.
std::uint64_t hash_of(std::string_view text) {
  const char* at = text.data();
  const std::size_t size = text.size();
  std::uint64_t a = 0, b = 0, seed = kSalt[0] ^ size;
  if (size <= 16) {
    if (size >= 8) {
      a = load8(at);
      b = load8(at + size - 8);
    } else if (size >= 4) {
      a = load4(at);
      b = load4(at + size - 4);
    } else if (size > 0) {
      a = static_cast<std::uint64_t>(static_cast<unsigned char>(at[0])) << 16 |
          static_cast<std::uint64_t>(static_cast<unsigned char>(at[size >> 1])) << 8 |
          static_cast<unsigned char>(at[size - 1]);
    }
  } else {
    const char* last = at + size - 16;
    for (; at < last; at += 16) seed = fold(load8(at) ^ kSalt[1], load8(at + 8) ^ seed);
    a = load8(last);
    b = load8(last + 8);
  }
  return fold(fold(a ^ kSalt[1], b ^ seed) ^ kSalt[2], kSalt[3] ^ size);
}

std::uint32_t tag_of(std::string_view text) {
  return static_cast<std::uint32_t>(hash_of(text) >> 32);
}

// Short texts are the rule: a call to memcmp would cost more than the comparison.
bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const std::size_t size = a.size();
  if (size > 32) return std::memcmp(a.data(), b.data(), size) == 0;
  const char *x = a.data(), *y = b.data();
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8)
      if (load8(x + i) != load8(y + i)) return false;
    return load8(x + size - 8) == load8(y + size - 8);
  }
  if (size >= 4) return load4(x) == load4(y) && load4(x + size - 4) == load4(y + size - 4);
  return size == 0 || (x[0] == y[0] && x[size >> 1] == y[size >> 1] && x[size - 1] == y[size - 1]);
}

}  // namespace

std::uint32_t Dictionary::store(std::string_view text) {
  // A chunk that is full to its last byte has no place to begin at, not even for "".
  if (chunks_.empty() || std::max<std::size_t>(text.size(), 1) > chunk_size_ - chunks_[chunk_first_].used) {
    chunk_size_ = std::max(text.size(), std::min(kChunkMax, std::max(kChunkMin, block_bytes_)));
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_size_));
    block_bytes_ += chunk_size_;
    chunk_first_ = chunks_.size();
    for (std::size_t at = 0; at < chunk_size_; at += kChunkMax) chunks_.push_back({blocks_.back().get() + at, 0});
    if (chunks_.size() > kChunksMax) throw std::length_error("a dictionary holds at most 4 GiB of texts");
  }
  Chunk& chunk = chunks_[chunk_first_];
  const std::size_t begin = chunk.used;
  if (!text.empty()) std::memcpy(chunk.bytes + begin, text.data(), text.size());
  chunk.used += text.size();
  return static_cast<std::uint32_t>(chunk_first_ << kOffsetBits | begin);
}

std::string_view Dictionary::text(Code code) const {
  const std::uint32_t place = places_[code], number = place >> kOffsetBits;
  const Chunk& chunk = chunks_[number];
  const std::size_t begin = place & ((std::uint32_t{1} << kOffsetBits) - 1);
  std::size_t end = chunk.used;
  if (std::size_t{code} + 1 < places_.size() && places_[code + 1] >> kOffsetBits == number)
    end = places_[code + 1] & ((std::uint32_t{1} << kOffsetBits) - 1);
  return {chunk.bytes + begin, end - begin};
}

// Tags keep their order, so that this reads and writes from one end to the other.
void Dictionary::rehash(std::size_t slots) {
  std::vector<Slot> old(slots, Slot{0, kNone});
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.code == kNone) continue;
    std::size_t i = home(slot.tag);
    while (slots_[i].code != kNone) i = after(i);
    slots_[i] = slot;
  }
}

void Dictionary::reserve(std::size_t texts) {
  places_.reserve(texts);
  if (texts * 4 / 3 + kSlotsMin > slots_.size()) rehash(texts * 4 / 3 + kSlotsMin);
}

void Dictionary::shrink() {
  places_.shrink_to_fit();
  const std::size_t enough = places_.size() * 4 / 3 + kSlotsMin;
  if (slots_.size() > enough + enough / 8) rehash(enough);
}

Dictionary::Code Dictionary::find_hashed(std::string_view text, std::uint32_t tag) const {
  for (std::size_t i = home(tag); slots_[i].code != kNone; i = after(i))
    if (slots_[i].tag == tag && same(this->text(slots_[i].code), text)) return slots_[i].code;
  return kNone;
}

Dictionary::Code Dictionary::insert_new(std::string_view text, std::uint32_t tag) {
  if ((places_.size() + 1) * 4 > slots_.size() * 3) rehash(std::max(kSlotsMin, slots_.size() / 2 * 3));
  std::size_t i = home(tag);
  while (slots_[i].code != kNone) i = after(i);
  const Code code = static_cast<Code>(places_.size());
  places_.push_back(store(text));
  slots_[i] = Slot{tag, code};
  return code;
}

Dictionary::Code Dictionary::find(std::string_view text) const {
  return slots_.empty() ? kNone : find_hashed(text, tag_of(text));
}

Dictionary::Code Dictionary::intern(std::string_view text) {
  const std::uint32_t tag = tag_of(text);
  const Code found = slots_.empty() ? kNone : find_hashed(text, tag);
  return found != kNone ? found : insert_new(text, tag);
}

// Three misses of the cache lie on the way to a text: its slot, its place, its bytes. Each is asked for for the whole
// batch before the first is needed.
void Dictionary::find(std::span<const std::string_view> texts, std::span<Code> codes) const {
  if (slots_.empty()) {
    std::fill(codes.begin(), codes.end(), kNone);
    return;
  }
  std::uint32_t tags[kBatch];
  std::string_view likely[kBatch];
  for (std::size_t first = 0; first < texts.size(); first += kBatch) {
    const std::size_t count = std::min(kBatch, texts.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      tags[i] = tag_of(texts[first + i]);
      __builtin_prefetch(&slots_[home(tags[i])]);
    }
    for (std::size_t i = 0; i < count; ++i) {  // the likely code: the first slot with the same tag
      std::size_t at_slot = home(tags[i]);
      while (slots_[at_slot].code != kNone && slots_[at_slot].tag != tags[i]) at_slot = after(at_slot);
      codes[first + i] = slots_[at_slot].code;
      if (codes[first + i] != kNone) __builtin_prefetch(&places_[codes[first + i]]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (codes[first + i] == kNone) continue;
      likely[i] = text(codes[first + i]);
      __builtin_prefetch(likely[i].data());
    }
    for (std::size_t i = 0; i < count; ++i)
      if (codes[first + i] != kNone && !same(likely[i], texts[first + i]))
        codes[first + i] = find_hashed(texts[first + i], tags[i]);
  }
}

void Dictionary::intern(std::span<const std::string_view> texts, std::span<Code> codes) {
  for (std::size_t first = 0; first < texts.size(); first += kBatch) {
    const std::size_t count = std::min(kBatch, texts.size() - first);
    find(texts.subspan(first, count), codes.subspan(first, count));
    // One that is new may come twice in the batch: intern() looks again.
    for (std::size_t i = first; i < first + count; ++i)
      if (codes[i] == kNone) codes[i] = intern(texts[i]);
  }
}

std::size_t Dictionary::bytes() const {
  return slots_.capacity() * sizeof(Slot) + places_.capacity() * sizeof(std::uint32_t) + block_bytes_ +
         chunks_.capacity() * sizeof(Chunk);
}

}  // namespace tenure::population
