package events

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"

	"stormbus/internal/store"
)

// list names a list, so that a token of one is not taken for a token of another.
type list byte

const (
	busList       list = 'b'
	ruleList      list = 'r'
	ruleNameList  list = 'n'
	targetList    list = 't'
	checksumBytes      = 4
)

// token returns a pagination token: the last name of a page behind a checksum,
// so that a mangled token is an error and not another place in the list.
func (l list) token(after string) string {
	rest := append([]byte{byte(l)}, after...)
	b := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(rest))
	return base64.URLEncoding.EncodeToString(append(b, rest...))
}

// parse reads a token of this list. A token has one spelling only.
func (l list) parse(token string) (after string, ok bool) {
	b, err := base64.URLEncoding.DecodeString(token)
	if err != nil || len(b) <= checksumBytes {
		return "", false
	}
	after = string(b[checksumBytes+1:])
	return after, l.token(after) == token
}

// page is which part of a list is wanted.
type page struct {
	of    list
	after string // the last name of the page before
	max   int
}

func newPage(of list, limit *int64, token *string) (page, error) {
	p := page{of: of, max: maxPage}
	if limit != nil {
		p.max = int(*limit)
	}
	if token != nil {
		after, ok := of.parse(*token)
		if !ok {
			return p, errParameter("NextToken")
		}
		p.after = after
	}
	return p, nil
}

// begin is the first key of the page, where keys are a prefix and a name.
func (p page) begin(prefix []byte) []byte {
	if p.after == "" {
		return prefix
	}
	key := store.AppendString(append([]byte(nil), prefix...), p.after)
	// The encoding of a name ends with a byte that can be increased.
	return store.PrefixEnd(key)
}

// fill reads rows by name into a page of those that are wanted. Next is set if
// there are more.
func fill[T any](v store.View, p page, prefix []byte, name func(*T) string, want func(*T) (bool, error)) (rows []*T, next *string, err error) {
	for one, err := range scan[T](v, p.begin(prefix), prefix) {
		if err != nil {
			return nil, nil, err
		}
		if ok, err := want(one); err != nil || !ok {
			if err != nil {
				return nil, nil, err
			}
			continue
		}
		if len(rows) == p.max {
			token := p.of.token(name(rows[len(rows)-1]))
			return rows, &token, nil
		}
		rows = append(rows, one)
	}
	return rows, nil, nil
}
