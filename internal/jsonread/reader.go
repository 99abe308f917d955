// Package jsonread decodes JSON documents whose fields are known in advance, without reflection. A type lists its fields
// in a function that calls a function of this package for each key, best in the order that the documents have.
//
// [Decode] either produces what [encoding/json] produces or reports false: for every invalid document, and for valid
// ones that are unusual, such as one with capital letters in a key. The caller then uses encoding/json, which alone
// decides what is an error. Keys that a type does not list are skipped. Decoded values share no memory with the document.
package jsonread

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Decode reads a document that is one object, whose keys are read by fields, and reports whether it succeeded. After a
// failure some of the values are set: the caller must reset them.
func Decode(data []byte, fields func(*Reader)) bool {
	r := &Reader{data: data, recent: make([]string, 32)}
	if len(data) > 16<<10 { // a page of a list
		r.recent = make([]string, 256)
	}
	readObject(r, &fields, func(fields *func(*Reader), r *Reader) { (*fields)(r) })
	return r.peek() == 0 && r.pos == len(r.data) && !r.failed
}

// Reader is the position within a document. Only [Decode] creates one.
type Reader struct {
	data   []byte
	pos    int
	key    []byte // the current key of the object that is being read; nil after the last one
	failed bool
	block  strings.Builder // memory for strings, shared by several
	recent []string        // hash table of recent strings, because slugs and tags repeat
}

// require makes Decode report false unless ok. It moves to the end of the document then, which ends every loop.
func (r *Reader) require(ok bool) {
	if !ok {
		r.failed, r.pos, r.key = true, len(r.data), nil
	}
}

// nextKey moves to the next key of an object, or past its end. The first key follows the opening brace.
func (r *Reader) nextKey(first bool) {
	r.key = nil
	r.require(!first || r.take('{'))
	if first && r.take('}') || !first && !r.more('}') {
		return
	}
	token, plain := r.quoted()
	if r.require(plain && r.take(':')); !r.failed {
		r.key = token[1 : len(token)-1]
	}
}

// skipKey skips a key that is not among the fields, and its value. A capital letter is a failure, because encoding/json
// ignores case.
func (r *Reader) skipKey() {
	r.require(bytes.IndexFunc(r.key, unicode.IsUpper) < 0)
	r.skip(100)
	r.nextKey(false)
}

func (r *Reader) skip(maxDepth int) {
	r.require(maxDepth > 0)
	switch {
	case r.take('{'):
		for more := !r.take('}'); more; more = r.more('}') {
			r.require(r.peek() == '"')
			r.skip(maxDepth - 1)
			r.require(r.take(':'))
			r.skip(maxDepth - 1)
		}
	case r.peek() == '"':
		token, plain := r.quoted()
		r.require(plain || json.Valid(token))
	case r.take('['):
		for more := !r.take(']'); more; more = r.more(']') {
			r.skip(maxDepth - 1)
		}
	case !r.literal("true") && !r.literal("false") && !r.null():
		r.number()
	}
}

// more reads the comma before another item, or the end of the list or object.
func (r *Reader) more(end byte) bool {
	if r.take(end) {
		return false
	}
	r.require(r.take(','))
	return !r.failed
}

// peek skips white space and returns the next byte, or 0 at the end of the document.
func (r *Reader) peek() byte {
	for ; r.pos < len(r.data); r.pos++ {
		if c := r.data[r.pos]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

func (r *Reader) take(c byte) bool {
	ok := r.peek() == c
	if ok {
		r.pos++
	}
	return ok
}

func (r *Reader) literal(word string) bool {
	ok := r.peek() == word[0] && bytes.HasPrefix(r.data[r.pos:], []byte(word))
	if ok {
		r.pos += len(word)
	}
	return ok
}

func (r *Reader) null() bool { return r.literal("null") }

// number returns a number. JSON's syntax is stricter than that of package strconv: "+1", "01" and ".5" are failures.
func (r *Reader) number() []byte {
	r.peek()
	start, digits := r.pos, true
	for ; r.pos < len(r.data); r.pos++ {
		if c := r.data[r.pos]; c < '0' || c > '9' {
			if strings.IndexByte("+-.eE", c) < 0 {
				break
			}
			digits = false
		}
	}
	token := r.data[start:r.pos]
	r.require(len(token) > 0 && (digits && token[0] != '0' || json.Valid(token)))
	return token
}

// quoted returns a string with its quotes, and whether the bytes between them are its value: ASCII without escapes.
func (r *Reader) quoted() (token []byte, plain bool) {
	r.require(r.peek() == '"')
	plain = true
	for i := r.pos + 1; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c == '"':
			token, r.pos = r.data[r.pos:i+1], i+1
			return token, plain
		case c == '\\':
			plain = false
			i++
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	r.require(false)
	return nil, false
}

// text returns a copy of a string.
func (r *Reader) text() (s string) {
	token, plain := r.quoted()
	if plain {
		return r.intern(token[1 : len(token)-1])
	}
	r.require(json.Unmarshal(token, &s) == nil)
	return s
}

// intern returns the earlier copy of a string if it is still in the table.
func (r *Reader) intern(b []byte) string {
	if len(b) > 32 { // longer strings rarely repeat
		return r.copyText(b)
	}
	h := uint32(0)
	for _, c := range b {
		h = h*31 + uint32(c)
	}
	h ^= h >> 16
	slot := &r.recent[int(h)&(len(r.recent)-1)]
	if *slot != string(b) {
		*slot = r.copyText(b)
	}
	return *slot
}

// copyText copies a string into a small block that it shares with others. Each of them keeps the block in memory.
func (r *Reader) copyText(b []byte) string {
	if r.block.Cap()-r.block.Len() < len(b) {
		r.block.Reset()
		r.block.Grow(max(512, len(b)))
	}
	start := r.block.Len()
	r.block.Write(b)
	return r.block.String()[start:]
}

// estimateItems estimates how many items follow the n items that were read since start, so that a list is allocated at
// once. The limits bound the cost of a wrong estimate: a comma or a bracket within a string is counted too.
func (r *Reader) estimateItems(start, n int) int {
	rest, read := r.data[r.pos:], r.data[start:r.pos]
	list, _, _ := bytes.Cut(rest, []byte("]"))
	switch {
	case n == 0 && r.peek() == '{':
		return 1 // the length of the first object is needed for an estimate
	case n == 0:
		return 1 + min(bytes.Count(list, []byte(",")), 1000)
	case bytes.IndexByte(read, ']') >= 0:
		list = rest // the items contain lists, so that the next bracket does not end this one
	}
	return min(1+len(list)/len(read), 200)
}
