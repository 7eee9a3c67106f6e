// sumdb_check verifies an evidence log with code that Tenure's authors did not write: golang.org/x/mod/sumdb, the Go
// team's packages for the Go checksum database (Debian: golang-golang-x-mod-dev).
//
//	sumdb_check -log DIR -vkey NAME+ID+KEY
//
// It opens the checkpoint with the key, hashes every entry out of the bundles, rebuilds the tree, compares every tile on
// every level and the root, and proves and checks inclusion and consistency through the tiles on disk.
// Exit status: 0 the log is what the checkpoint says, 1 it is not, 2 wrong usage.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

type log struct {
	dir  string
	tree tlog.Tree
}

// name is the tile's path in the c2sp.org/tlog-tiles layout, which has no height in it.
func name(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

// read returns the tile or, where it has been superseded, the beginning of the full one.
func (l *log) read(t tlog.Tile) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(l.dir, name(t)))
	if errors.Is(err, os.ErrNotExist) && t.W < tileWidth {
		full := t
		full.W = tileWidth
		data, err = os.ReadFile(filepath.Join(l.dir, name(full)))
		if err == nil && t.L >= 0 && len(data) == tileWidth*tlog.HashSize {
			data = data[:t.W*tlog.HashSize]
		}
	}
	return data, err
}

// Height, ReadTiles and SaveTiles make the folder a tlog.TileReader.
func (l *log) Height() int { return tileHeight }
func (l *log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		data, err := l.read(t)
		if err != nil {
			return nil, err
		}
		if len(data) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes instead of %d", name(t), len(data), t.W*tlog.HashSize)
		}
		out = append(out, data)
	}
	return out, nil
}
func (l *log) SaveTiles([]tlog.Tile, [][]byte) {}

func openCheckpoint(dir, vkey string) (*log, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return nil, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return nil, errors.New("checkpoint: not origin, size and root of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, errors.New("checkpoint: malformed size")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return nil, errors.New("checkpoint: malformed root")
	}
	l := &log{dir: dir, tree: tlog.Tree{N: size}}
	copy(l.tree.Hash[:], root)
	return l, nil
}

// bundle returns the entries of one bundle.
func (l *log) bundle(n, width int64) ([][]byte, error) {
	t := tlog.Tile{H: tileHeight, L: -1, N: n, W: int(width)}
	// x/mod calls the data level "data"; tlog-tiles calls it "entries".
	path := strings.Replace(name(t), "tile/data/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(l.dir, path))
	full := false
	if errors.Is(err, os.ErrNotExist) && width < tileWidth {
		full = true
		data, err = os.ReadFile(filepath.Join(l.dir, strings.Split(path, ".p/")[0]))
	}
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for int64(len(entries)) < width {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) || binary.BigEndian.Uint16(data) == 0 {
			return nil, fmt.Errorf("%s: ends before entry %d", path, n*tileWidth+int64(len(entries)))
		}
		length := int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	if len(data) != 0 && !full {
		return nil, fmt.Errorf("%s: bytes after the last entry", path)
	}
	return entries, nil
}

// hashEntries rebuilds the whole tree from the entries alone.
func (l *log) hashEntries() ([]tlog.Hash, []tlog.Hash, error) {
	var stored, leaves []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return pick(stored, indexes) })
	for n := int64(0); n*tileWidth < l.tree.N; n++ {
		width := l.tree.N - n*tileWidth
		if width > tileWidth {
			width = tileWidth
		}
		entries, err := l.bundle(n, width)
		if err != nil {
			return nil, nil, err
		}
		for _, entry := range entries {
			hashes, err := tlog.StoredHashes(int64(len(leaves)), entry, reader)
			if err != nil {
				return nil, nil, err
			}
			leaves = append(leaves, tlog.RecordHash(entry))
			stored = append(stored, hashes...)
		}
	}
	return stored, leaves, nil
}

func pick(stored []tlog.Hash, indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(stored)) {
			return nil, fmt.Errorf("hash %d does not exist", index)
		}
		out[i] = stored[index]
	}
	return out, nil
}

// samples are indexes (or sizes) from 0 to n-1: both ends, both sides of every tile's edge, and some between.
func samples(n int64) []int64 {
	seen := map[int64]bool{}
	var out []int64
	add := func(i int64) {
		if i >= 0 && i < n && !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	for _, edge := range []int64{0, 1, 2, 3, 255, 256, 257, 511, 512, 65535, 65536, 65537, n / 3, n / 2, n - 2, n - 1} {
		add(edge)
	}
	for i := int64(0); i < 200; i++ {
		add(i * 2654435761 % n)
	}
	return out
}

// widest keeps of each tile the widest form: this version of x/mod lists every partial width from 1 on.
func widest(tiles []tlog.Tile) []tlog.Tile {
	var out []tlog.Tile
	for i, t := range tiles {
		if i+1 == len(tiles) || tiles[i+1].L != t.L || tiles[i+1].N != t.N {
			out = append(out, t)
		}
	}
	return out
}

func check(dir, vkey string) (string, error) {
	l, err := openCheckpoint(dir, vkey)
	if err != nil {
		return "", err
	}
	stored, leaves, err := l.hashEntries()
	if err != nil {
		return "", err
	}
	own := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return pick(stored, indexes) })
	treeHash := func(size int64) (tlog.Hash, error) {
		if size == 0 {
			return emptyRoot, nil
		}
		return tlog.TreeHash(size, own)
	}
	root, err := treeHash(l.tree.N)
	if err != nil {
		return "", err
	}
	if root != l.tree.Hash {
		return "", fmt.Errorf("the entries have root %v, the checkpoint says %v", root, l.tree.Hash)
	}
	tiles := widest(tlog.NewTiles(tileHeight, 0, l.tree.N))
	for _, t := range tiles {
		want, err := tlog.ReadTileData(t, own)
		if err != nil {
			return "", err
		}
		got, err := l.read(t)
		if err != nil {
			return "", err
		}
		if !bytes.Equal(got, want) {
			return "", fmt.Errorf("%s: not the hashes of the entries", name(t))
		}
	}
	inclusion, consistency, err := l.checkProofs(leaves, treeHash)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("{\"entries\":%d,\"tiles\":%d,\"inclusion_proofs\":%d,\"consistency_proofs\":%d,\"root\":%q}",
		l.tree.N, len(tiles), inclusion, consistency, l.tree.Hash.String()), nil
}

// checkProofs makes proofs out of the tiles on disk and checks them against the entries.
func (l *log) checkProofs(leaves []tlog.Hash, treeHash func(int64) (tlog.Hash, error)) (int, int, error) {
	if l.tree.N == 0 {
		return 0, 0, nil
	}
	reader := tlog.TileHashReader(l.tree, l)
	inclusion, consistency := 0, 0
	for _, i := range samples(l.tree.N) {
		proof, err := tlog.ProveRecord(l.tree.N, i, reader)
		if err != nil {
			return 0, 0, fmt.Errorf("inclusion of entry %d: %w", i, err)
		}
		if err := tlog.CheckRecord(proof, l.tree.N, l.tree.Hash, i, leaves[i]); err != nil {
			return 0, 0, fmt.Errorf("inclusion of entry %d: %w", i, err)
		}
		inclusion++
	}
	for _, i := range samples(l.tree.N) {
		size := i + 1
		old, err := treeHash(size)
		if err != nil {
			return 0, 0, err
		}
		proof, err := tlog.ProveTree(l.tree.N, size, reader)
		if err != nil {
			return 0, 0, fmt.Errorf("consistency with size %d: %w", size, err)
		}
		if err := tlog.CheckTree(proof, l.tree.N, l.tree.Hash, size, old); err != nil {
			return 0, 0, fmt.Errorf("consistency with size %d: %w", size, err)
		}
		consistency++
	}
	return inclusion, consistency, nil
}

func main() {
	dir := flag.String("log", "", "folder of the log")
	vkey := flag.String("vkey", "", "the log's public key: name+id+key")
	flag.Parse()
	if *dir == "" || *vkey == "" || flag.NArg() != 0 {
		flag.Usage()
		os.Exit(2)
	}
	summary, err := check(*dir, *vkey)
	if err != nil {
		fmt.Fprintln(os.Stderr, "sumdb_check: NOT VALID:", err)
		os.Exit(1)
	}
	fmt.Println(summary)
}
