// The completion script for fish: `execvm completions fish | source`.

/** The script; it needs nothing but fish. */
export const FISH_SCRIPT = `# Completion of execvm for fish: execvm completions fish | source
function __execvm_complete
    set -l before (commandline -opc)
    set -l token (commandline -ct)
    set -l lines (command $before[1] __complete -- $before[2..-1] "$token" 2>/dev/null)
    set -l answer (string split ' ' -- $lines[1])
    switch $answer[1]
        case words
            printf '%s\\n' $lines[2..-1]
        case files folders
            set -l prefix (string sub --length $answer[2] -- "$token")
            set -l partial (string sub --start (math $answer[2] + 1) -- "$token")
            if test $answer[1] = folders
                string replace -r '^' -- "$prefix" (__fish_complete_directories "$partial")
            else
                string replace -r '^' -- "$prefix" (__fish_complete_path "$partial")
            end
        case command
            set -l rest (string escape -- $before[(math $answer[2] + 2)..-1])
            complete -C (string join -- ' ' $rest "$token")
    end
end
complete -c execvm -f -a '(__execvm_complete)'
`;
