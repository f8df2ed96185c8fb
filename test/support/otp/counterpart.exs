# What runs in an Elixir node of the tests: it reads requests from standard input, one line each, a number and an
# expression; each is evaluated by a process of its own, and answered by a line with the number. When standard input
# ends, the node ends. The same conversation as in counterpart.erl.
defmodule Counterpart do
  def start do
    :ok = :io.setopts(:user, encoding: :unicode)
    answer(0, {String.to_integer(System.pid()), node()})
    requests()
  end

  defp requests do
    case IO.gets("") do
      line when is_binary(line) ->
        {number, expression} = Integer.parse(line)
        # Ends of lines come as carriage returns.
        lines = String.replace(expression, "\r", "\n")
        spawn(fn -> answer(number, evaluated(lines)) end)
        requests()

      _ ->
        System.stop()
        Process.sleep(:infinity)
    end
  end

  # Evaluated in a third process: where it is killed, through a link for instance, this one still answers.
  defp evaluated(expression) do
    own = self()
    {pid, monitor} = spawn_monitor(fn -> send(own, {:value, self(), value(expression)}) end)

    receive do
      {:value, ^pid, value} -> value
      {:DOWN, ^monitor, :process, ^pid, reason} -> {:EXIT, reason}
    end
  end

  defp value(expression) do
    {value, _} = Code.eval_string(expression)
    value
  catch
    :throw, thrown -> {:throw, thrown}
    :exit, reason -> {:EXIT, reason}
    :error, reason -> {:EXIT, Exception.normalize(:error, reason)}
  end

  defp answer(number, value) do
    shown = inspect(value, limit: :infinity, printable_limit: :infinity, width: :infinity)
    IO.puts("counterpart-answer #{number} #{shown}")
  end
end

Counterpart.start()
