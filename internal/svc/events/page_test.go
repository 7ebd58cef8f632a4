package events

import "testing"

func FuzzToken(f *testing.F) {
	f.Add(ruleList.token("rule"), "rule")
	f.Add(busList.token(""), "")
	f.Add("AAAA", "\x00\xff")
	f.Add("Iqw3\rYnJydWxl", "a line break")
	f.Fuzz(func(t *testing.T, token, name string) {
		for _, of := range []list{busList, ruleList, ruleNameList, targetList} {
			if after, ok := of.parse(token); ok && of.token(after) != token {
				t.Errorf("list %c: token %q is read as %q, whose token is %q", of, token, after, of.token(after))
			}
			if after, ok := of.parse(of.token(name)); !ok || after != name {
				t.Errorf("list %c: the token of %q is read as %q, %v", of, name, after, ok)
			}
			if _, ok := of.parse(list('x').token(name)); ok {
				t.Errorf("list %c takes a token of another list", of)
			}
		}
	})
}
