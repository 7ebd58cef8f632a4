package sigv4_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/sigv4"
)

func TestReadKeys(t *testing.T) {
	t.Parallel()
	const secret = "wJalrXUtnFEMI/K7MDENG"
	tests := []struct {
		name, text string
		want       sigv4.Ring
		err        string
	}{
		{
			name: "keys", text: "# who\n\n  AKIA1 " + secret + "\t123456789012 # no comment here\n",
			err: "line 3: want ACCESS_KEY_ID SECRET ACCOUNT [SESSION_TOKEN], got 7 words",
		},
		{
			name: "with and without token", text: "# who\r\n\r\n  AKIA1 " + secret + "\t123456789012\r\nASIA2 x 000000000000 token==",
			want: sigv4.Ring{
				"AKIA1": {AccessKeyID: "AKIA1", Secret: secret, Account: "123456789012"},
				"ASIA2": {AccessKeyID: "ASIA2", Secret: "x", Account: "000000000000", SessionToken: "token=="},
			},
		},
		{name: "empty", text: "# nothing\n", err: "there is no key"},
		{name: "no account", text: "AKIA1 " + secret, err: "line 1: want ACCESS_KEY_ID SECRET ACCOUNT"},
		{name: "not an account", text: "AKIA1 " + secret + " cinema", err: "line 1: the account, the third word, must have 12 digits"},
		{name: "not a key id", text: "AKIA/1 " + secret + " 123456789012", err: "line 1: the access key id may have letters"},
		{name: "twice", text: "A " + secret + " 123456789012\nA x 123456789012", err: "line 2: the access key id A is there already"},
		{name: "a long line", text: "\n" + strings.Repeat(secret, 1000), err: "line 2: it is longer than 8192 bytes"},
		{name: "many keys", text: many(10001), err: "line 10001: there are more than 10000 keys"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := sigv4.ReadKeys(strings.NewReader(test.text))
			switch {
			case test.err == "" && err != nil, test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Fatalf("error %v, want %q", err, test.err)
			case err != nil && strings.Contains(err.Error(), secret):
				t.Errorf("the error tells the secret: %v", err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("A")
		b.WriteString(strings.Repeat("0", i%100))
		b.WriteByte(byte('a' + i/100%26))
		b.WriteByte(byte('a' + i/2600))
		b.WriteString(" s 123456789012\n")
	}
	return b.String()
}

func FuzzReadKeys(f *testing.F) {
	f.Add("# who\nAKIA1 secret 123456789012 token\n")
	f.Add("A b 000000000000\nA b 000000000000")
	f.Fuzz(func(t *testing.T, text string) {
		ring, err := sigv4.ReadKeys(strings.NewReader(text))
		for id, c := range ring {
			if err != nil || id == "" || c.AccessKeyID != id || c.Secret == "" || len(c.Account) != 12 {
				t.Errorf("ReadKeys(%q) = %v, %v", text, ring, err)
			}
		}
	})
}
