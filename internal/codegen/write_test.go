package codegen_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/codegen"
)

// compare compares a folder with what a board results in.
func compare(t testing.TB, dir string, files []codegen.File) []codegen.Change {
	t.Helper()
	changes, err := codegen.Compare(os.DirFS(dir), files)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// generate does what there is to do, and returns it without what there is not.
func generate(t testing.TB, dir, text string) []codegen.Change {
	t.Helper()
	files := mustFiles(t, text)
	changes := compare(t, dir, files)
	if err := codegen.Write(dir, files, changes); err != nil {
		t.Fatal(err)
	}
	return without(changes, codegen.Leave)
}

func without(changes []codegen.Change, action codegen.Action) []codegen.Change {
	return slices.DeleteFunc(changes, func(c codegen.Change) bool { return c.Action == action })
}

// tree is all that is in a folder, by path.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == ".git" {
				return fs.SkipDir
			}
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		all[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func replace(t testing.TB, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %q to replace", pairs[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func edit(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWriteOnceAndAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := mustFiles(t, cinema(t))
	for _, c := range generate(t, dir, cinema(t)) {
		if c.Action != codegen.Create {
			t.Errorf("in an empty folder: %+v", c)
		}
	}
	got := tree(t, dir)
	for _, f := range files {
		if got[f.Path] != string(f.Content) {
			t.Errorf("%s was not written as it is", f.Path)
		}
	}
	if len(got) != len(files)+1 {
		t.Errorf("%d files were written, want %d and the lock", len(got), len(files))
	}
	if again := generate(t, dir, cinema(t)); len(again) > 0 {
		t.Errorf("the second time there is %+v to do", again)
	}
	if diff := cmp.Diff(got, tree(t, dir)); diff != "" {
		t.Errorf("the second time changed something:\n%s", diff)
	}
	golden(t, "cinema/storm.lock.golden", []byte(got["storm.lock"]))
}

// TestHandWrittenSurvives: whatever the board does, what a person wrote stays.
func TestHandWrittenSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	generate(t, dir, cinema(t))
	mine := map[string]string{
		"services/bookings/handlers/confirm_booking.py": "# mine\n",
		"services/bookings/handlers/__init__.py":        "# mine, too\n",
		"services/bookings/prices.py":                   "PRICE = 9\n",
		".gitattributes":                                "* text=auto\n",
	}
	for path, content := range mine {
		edit(t, filepath.Join(dir, path), content)
	}
	for _, text := range []string{
		replace(t, cinema(t), "amount: money, ", ""),
		"name: cinema\n",
		cinema(t),
	} {
		generate(t, dir, text)
		got := tree(t, dir)
		for path, content := range mine {
			if got[path] != content {
				t.Errorf("%s is %q, want %q", path, got[path], content)
			}
		}
	}
}

func TestEditedGeneratedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := mustFiles(t, cinema(t))
	generate(t, dir, cinema(t))
	name := "services/bookings/gen/publish.py"
	original := tree(t, dir)[name]
	edited := strings.Replace(original, "def seats_held", "def seats_taken", 1)
	line := 1 + strings.Count(original[:strings.Index(original, "def seats_held")], "\n")
	edit(t, filepath.Join(dir, name), edited)
	want := []codegen.Change{{
		Action: codegen.Edited, Path: name, Line: line,
		Why: "somebody edited it; put the change into handlers or onto the board, and generate it again with --overwrite",
	}}
	for range 2 { // it is not forgotten
		if diff := cmp.Diff(want, generate(t, dir, cinema(t))); diff != "" {
			t.Errorf("the changes differ (-want +got):\n%s", diff)
		}
		if tree(t, dir)[name] != edited {
			t.Error("the edited file was written")
		}
	}
	if err := codegen.Write(dir, files, codegen.Overwriting(files, compare(t, dir, files))); err != nil {
		t.Fatal(err)
	}
	if tree(t, dir)[name] != original {
		t.Error("the edited file was not overwritten")
	}
	if left := generate(t, dir, cinema(t)); len(left) > 0 {
		t.Errorf("after that there is %+v to do", left)
	}
}

// TestEditedAndNotGeneratedAnyMore: it stays until somebody says otherwise.
func TestEditedAndNotGeneratedAnyMore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	generate(t, dir, cinema(t))
	name := "services/showings/gen/samples/ShowingScheduled.json"
	edit(t, filepath.Join(dir, name), "{}")
	text := "name: cinema\n"
	for range 2 {
		i := slices.IndexFunc(generate(t, dir, text), func(c codegen.Change) bool { return c.Path == name && c.Action == codegen.Edited })
		if i < 0 || tree(t, dir)[name] != "{}" {
			t.Fatal("the edited file is not reported, or gone")
		}
	}
	files := mustFiles(t, text)
	if err := codegen.Write(dir, files, codegen.Overwriting(files, compare(t, dir, files))); err != nil {
		t.Fatal(err)
	}
	if _, ok := tree(t, dir)[name]; ok {
		t.Error("the file is still there")
	}
	if _, err := os.Stat(filepath.Join(dir, "services/showings/gen")); err == nil {
		t.Error("empty folders are still there")
	}
}

func TestOrphan(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	generate(t, dir, cinema(t))
	text := replace(t, cinema(t), ", do: IssueTicket,", ", do: Another,", "IssueTicket: {from: reaction}", "Another: {from: reaction}", "by: IssueTicket", "by: Another")
	name := "services/admissions/handlers/issue_ticket.py"
	want := codegen.Change{Action: codegen.Orphan, Path: name, Why: "triggers.IssueTicket is not on the board any more, or not planned yet (see `stormbus plan`); delete the file when you need it no longer"}
	for range 2 {
		changes := generate(t, dir, text)
		if !slices.Contains(changes, want) {
			t.Errorf("the orphan is not among %+v", changes)
		}
	}
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	if changes := without(generate(t, dir, text), codegen.Overwrite); len(changes) > 0 {
		t.Errorf("after it was deleted there is %+v to do", changes)
	}
	if strings.Contains(tree(t, dir)["storm.lock"], name) {
		t.Error("the lock still names it")
	}
}

// TestRename: a handler moves with its trigger, in git and without.
func TestRename(t *testing.T) {
	t.Parallel()
	text := replace(t, cinema(t), ", do: IssueTicket,", ", do: PrintTicket,", "IssueTicket: {from: reaction}", "PrintTicket: {from: reaction, was: IssueTicket}", "by: IssueTicket", "by: PrintTicket")
	from, to := "services/admissions/handlers/issue_ticket.py", "services/admissions/handlers/print_ticket.py"
	for name, inGit := range map[string]bool{"git": true, "no git": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			generate(t, dir, cinema(t))
			edit(t, filepath.Join(dir, from), "# mine\n")
			git := func(args ...string) string {
				out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@b"}, args...)...).CombinedOutput()
				if err != nil {
					t.Fatalf("git %v: %v\n%s", args, err, out)
				}
				return string(out)
			}
			if inGit {
				git("init", "-q")
				git("add", ".")
				git("commit", "-qm", "x")
			}
			want := codegen.Change{Action: codegen.Move, Path: to, From: from, Why: "triggers.PrintTicket was renamed; its decorator has the former name, too, as long as the board keeps it as was"}
			if changes := generate(t, dir, text); !slices.Contains(changes, want) {
				t.Errorf("the move is not among %+v", changes)
			}
			got := tree(t, dir)
			if _, ok := got[from]; ok || got[to] != "# mine\n" {
				t.Errorf("the handler did not move")
			}
			if inGit && !strings.Contains(git("status", "--porcelain"), "R  "+from+" -> "+to) {
				t.Errorf("git does not know of the move:\n%s", git("status", "--porcelain"))
			}
			if again := generate(t, dir, text); len(again) > 0 {
				t.Errorf("the second time there is %+v to do", again)
			}
		})
	}
}

func TestRenamedService(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	generate(t, dir, cinema(t))
	edit(t, filepath.Join(dir, "services/payments/handlers/capture_payment.py"), "# mine\n")
	text := replace(t, cinema(t), "  payments: {in: Till, owns: [Payment], store: dynamodb, runtime: python3.13}", "  till: {in: Till, owns: [Payment], store: dynamodb, runtime: python3.13, was: payments}")
	generate(t, dir, text)
	got := tree(t, dir)
	if got["services/till/handlers/capture_payment.py"] != "# mine\n" {
		t.Error("the handler did not move with its service")
	}
	for path := range got {
		if strings.HasPrefix(path, "services/payments/") {
			t.Errorf("%s is still there", path)
		}
	}
	if !strings.Contains(got["services/bookings/gen/_catalog.py"], `"cinema.payments"`) {
		t.Error("the old source is not accepted any more")
	}
}

// TestRenamedOneAfterTheOther: what is saved is generated at once, so that a
// handler has moved with its trigger already when its service is renamed, and the
// other way round.
func TestRenamedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	trigger := []string{", do: CapturePayment,", ", do: Charge,", "CapturePayment: {from: reaction,", "Charge: {from: reaction, was: CapturePayment,", "by: CapturePayment", "by: Charge"}
	service := []string{"  payments: {in: Till, owns: [Payment], store: dynamodb, runtime: python3.13}", "  till: {in: Till, owns: [Payment], store: dynamodb, runtime: python3.13, was: payments}"}
	for name, steps := range map[string][2][]string{"the trigger first": {trigger, service}, "the service first": {service, trigger}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			generate(t, dir, cinema(t))
			mine := map[string]string{
				"handlers/capture_payment.py": "# mine\n", "handlers/fees.py": "FEE = 1\n", "cards.py": "# cards\n", "lib/tax.py": "# tax\n", "test_cards.py": "# test\n",
			}
			for path, content := range mine {
				edit(t, filepath.Join(dir, "services/payments", path), content)
			}
			edit(t, filepath.Join(dir, "services/payments/__pycache__/cards.pyc"), "x")
			text := replace(t, cinema(t), steps[0]...)
			generate(t, dir, text)
			generate(t, dir, replace(t, text, steps[1]...))
			got := tree(t, dir)
			mine["handlers/charge.py"] = mine["handlers/capture_payment.py"]
			delete(mine, "handlers/capture_payment.py")
			for path, content := range mine {
				if got["services/till/"+path] != content {
					t.Errorf("services/till/%s is %q, want %q", path, got["services/till/"+path], content)
				}
			}
			for path := range got {
				if strings.HasPrefix(path, "services/payments/") && !strings.Contains(path, "__pycache__") {
					t.Errorf("%s is still there", path)
				}
			}
			if again := without(compare(t, dir, mustFiles(t, replace(t, text, steps[1]...))), codegen.Leave); len(again) > 0 {
				t.Errorf("then there is %+v to do", again)
			}
		})
	}
}

// TestRenamedAgain: the board keeps the first name only, and the lock knows the
// handler of the second.
func TestRenamedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	generate(t, dir, cinema(t))
	edit(t, filepath.Join(dir, "services/payments/handlers/capture_payment.py"), "# mine\n")
	for _, name := range []string{"Charge", "Debit", "Collect"} {
		generate(t, dir, replace(t, cinema(t), ", do: CapturePayment,", ", do: "+name+",", "CapturePayment: {from: reaction,", name+": {from: reaction, was: CapturePayment,", "by: CapturePayment", "by: "+name))
	}
	got := tree(t, dir)
	if got["services/payments/handlers/collect.py"] != "# mine\n" {
		t.Errorf("the handler is %q, want the one that was written", got["services/payments/handlers/collect.py"])
	}
	if !strings.Contains(got["storm.lock"], `"services/payments/handlers/collect.py": "triggers.Collect, was triggers.CapturePayment"`) {
		t.Errorf("the lock does not know the handler:\n%s", got["storm.lock"])
	}
	for _, name := range []string{"capture_payment", "charge", "debit"} {
		if content, ok := got["services/payments/handlers/"+name+".py"]; ok {
			t.Errorf("%s.py is there: %q", name, content)
		}
	}
}

// TestFollowTakesNothing: the folder of a renamed service that another one has
// now keeps its files, and nothing is moved over what is there.
func TestFollowTakesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	generate(t, dir, cinema(t))
	edit(t, filepath.Join(dir, "services/payments/cards.py"), "# old\n")
	edit(t, filepath.Join(dir, "services/payments/rates.py"), "# rates\n")
	edit(t, filepath.Join(dir, "services/till/cards.py"), "# new\n")
	generate(t, dir, replace(t, cinema(t), "  payments: {in: Till, owns: [Payment], store: dynamodb, runtime: python3.13}", "  till: {in: Till, owns: [Payment], store: dynamodb, runtime: python3.13, was: payments}"))
	got := tree(t, dir)
	for path, want := range map[string]string{"payments/cards.py": "# old\n", "till/cards.py": "# new\n", "till/rates.py": "# rates\n"} {
		if got["services/"+path] != want {
			t.Errorf("services/%s is %q, want %q", path, got["services/"+path], want)
		}
	}
	swapped := t.TempDir()
	generate(t, swapped, cinema(t))
	edit(t, filepath.Join(swapped, "services/payments/cards.py"), "# mine\n")
	generate(t, swapped, replace(t, cinema(t), "  payments: {in: Till, owns: [Payment], store: dynamodb, runtime: python3.13}",
		"  till: {in: Till, owns: [Payment], store: dynamodb, runtime: python3.13, was: payments}",
		"  showings: {in: Box Office,", "  payments: {was: showings, in: Box Office,"))
	if got := tree(t, swapped); got["services/payments/cards.py"] != "# mine\n" {
		t.Error("a file was taken out of the folder of another service")
	}
}

func TestUnversioned(t *testing.T) {
	t.Parallel()
	const data = "data: {showing_id: uuid, film: string}"
	for name, c := range map[string]struct {
		now  string
		told bool
	}{
		"an optional field more": {`data: {showing_id: uuid, film: string, "hall?": string}`, false},
		"only words":             {`data: {showing_id: uuid, film: {type: string, about: "its title"}}`, false},
		"a field more":           {`data: {showing_id: uuid, film: string, hall: string}`, true},
		"a field less":           {`data: {showing_id: uuid}`, true},
		"another type":           {`data: {showing_id: uuid, film: "a|b"}`, true},
		"optional now":           {`data: {showing_id: uuid, "film?": string}`, true},
		"of another event":       {data, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			generate(t, dir, cinema(t))
			got := generate(t, dir, replace(t, cinema(t), data, c.now))
			told := slices.ContainsFunc(got, func(c codegen.Change) bool {
				return c.Action == codegen.Unversioned && c.Path == "services/showings/gen/schemas/ShowingScheduled.json" && strings.HasPrefix(c.Why, "events.ShowingScheduled: ")
			})
			if told != c.told {
				t.Errorf("it is told: %v, want %v: %+v", told, c.told, got)
			}
			raised := t.TempDir()
			generate(t, raised, cinema(t))
			for _, change := range generate(t, raised, replace(t, cinema(t), "of: Showing, v: 1, "+data, "of: Showing, v: 2, "+c.now)) {
				if change.Action == codegen.Unversioned {
					t.Errorf("with its version raised: %+v", change)
				}
			}
		})
	}
}

// TestLostLock: files of Python say themselves what they were, others cannot.
func TestLostLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	generate(t, dir, cinema(t))
	if err := os.Remove(filepath.Join(dir, "storm.lock")); err != nil {
		t.Fatal(err)
	}
	text := replace(t, cinema(t), "data: {showing_id: uuid, film: string}", "data: {showing_id: uuid, title: string}")
	got := map[string]codegen.Action{}
	for _, c := range generate(t, dir, text) {
		got[c.Path] = c.Action
	}
	for path, want := range map[string]codegen.Action{
		"services/showings/gen/events.py":                     codegen.Overwrite,
		"services/showings/gen/schemas/ShowingScheduled.json": codegen.Edited,
		"storm.lock": codegen.Create,
	} {
		if got[path] != want {
			t.Errorf("%s: %s, want %s", path, got[path], want)
		}
	}
}

func TestBadLock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"lock: 1\n<<<<<<< ours\n":                           "storm.lock cannot be read: ",
		"lock: 1\nonce: {a: b}\nevents: {}\nonce: {c: d}\n": "storm.lock cannot be read: line 4: \"once\" is there already, in line 2; in a merge take the version of one branch",
		"lock: 1\nonce:\n  a: b\n  c: d\n  a: e\n":          "storm.lock cannot be read: line 5: \"a\" is there already, in line 3; in a merge take the version of one branch",
		"lock: 2\n":                           "storm.lock is of version 2, and this program knows version 1; update stormbus",
		"lock: 1\ngenerated: {\"../x\": a}\n": `storm.lock names "../x", which is no path below its folder; take the line away`,
	} {
		dir := t.TempDir()
		edit(t, filepath.Join(dir, "storm.lock"), text)
		_, err := codegen.Compare(os.DirFS(dir), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Compare with the lock %q = %v, want %q", text, err, want)
		}
	}
}

// TestNothingOutside: links that lead out of the folder are not followed.
func TestNothingOutside(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "services")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	files := mustFiles(t, cinema(t))
	if err := codegen.Write(dir, files, compare(t, dir, files)); err == nil {
		t.Error("Write followed a link out of the folder")
	}
	if left := tree(t, outside); len(left) > 0 {
		t.Errorf("outside there is %v", left)
	}
}

func TestServicesIsAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	edit(t, filepath.Join(dir, "services"), "")
	_, err := codegen.Compare(os.DirFS(dir), mustFiles(t, cinema(t)))
	if err == nil || !strings.Contains(err.Error(), "move away what stands in its place") {
		t.Errorf("Compare = %v, want an error that says what to do", err)
	}
}
